// The goals: the exporter is exact, and what Prometheus makes of it is near enough.
import type { Figure } from './figures.ts';

/** How far from the truth near is, as a share of it: half a percent. */
export const tolerance = 0.005;

/** Parts of seconds are no whole numbers: how far the last digits of their sums may be off, as a share. */
export const rounding = 1e-12;

export function isExact({ limited, ofSeconds, exporter, truth }: Figure): boolean {
  // What a room had that went before it was scraped is counted, but nobody can read it any more.
  if (limited) return Math.abs(shareOf(exporter - truth, truth)) <= tolerance;
  if (ofSeconds) return Math.abs(shareOf(exporter - truth, truth)) <= rounding;
  return exporter === truth;
}

export function isNear({ limited, increase, extrapolated, truth }: Figure): boolean {
  // What Prometheus adds to a room that goes early is not the exporter's to avoid.
  const excused = limited ? extrapolated : 0;
  return Math.abs(shareOf(increase - excused - truth, truth)) <= tolerance;
}

/** Of the truth; where that is 0, of 1. */
export function shareOf(amount: number, truth: number): number {
  return amount / (truth || 1);
}
