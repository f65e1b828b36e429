// Whether the goals hold: the exporter is exact, and what Prometheus makes of it is near enough.
import type { Figure } from './figures.ts';

/** How far increase() may be from the truth, as a share of it: half a percent. */
export const increaseTolerance = 0.005;

export interface Verdict {
  /** The figures in which the exporter's own counter is not the truth. */
  readonly inexact: readonly Figure[];
  /** The figures in which increase() is too far from it. */
  readonly apart: readonly Figure[];
}

export function judge(figures: readonly Figure[]): Verdict {
  return {
    inexact: figures.filter(({ exporter, truth }) => exporter !== truth),
    apart: figures.filter((figure) => {
      // A room that rooms.limit puts out goes at once: what Prometheus adds to it then is not the exporter's to avoid.
      const excused = figure.limited ? figure.extrapolated : 0;
      return Math.abs(shareOf(figure.increase - excused - figure.truth, figure.truth)) > increaseTolerance;
    }),
  };
}

/** Of the truth; where that is 0, of 1. */
export function shareOf(amount: number, truth: number): number {
  return amount / (truth || 1);
}
