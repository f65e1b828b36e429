// The goals: the exporter is exact, and what Prometheus makes of it is near enough.
import type { Figure } from './figures.ts';

/** How far increase() may be from the truth, as a share of it: half a percent. */
export const increaseTolerance = 0.005;

export function isExact({ exporter, truth }: Figure): boolean {
  return exporter === truth;
}

export function isNear({ limited, increase, extrapolated, truth }: Figure): boolean {
  // A room that rooms.limit puts out goes at once: what Prometheus adds to it then is not the exporter's to avoid.
  const excused = limited ? extrapolated : 0;
  return Math.abs(shareOf(increase - excused - truth, truth)) <= increaseTolerance;
}

/** Of the truth; where that is 0, of 1. */
export function shareOf(amount: number, truth: number): number {
  return amount / (truth || 1);
}
