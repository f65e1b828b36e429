// The counters of one project over all its rooms.
import { emptyHistogram, type Histogram, observed } from './histogram.ts';
import type { ProjectSnapshot } from './snapshot.ts';
import { type Growth, Totals, type TotalsState } from './totals.ts';

const durationBounds = [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const participantBounds = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];

type HistogramState = Pick<Histogram, 'counts' | 'sum'>;

/** Plain values, for JSON. */
export interface ProjectCountersState {
  readonly total: TotalsState;
  readonly ended: number;
  readonly durations: HistogramState;
  readonly participants: HistogramState;
}

export class ProjectCounters {
  readonly #total = new Totals();
  #ended = 0;
  #durations = emptyHistogram(durationBounds);
  #participants = emptyHistogram(participantBounds);

  grow(growth: Growth): void {
    this.#total.add(growth);
  }

  /** Counts ends: of each session its seconds and its participants. */
  end(durations: readonly number[], participants: readonly number[]): void {
    this.#ended += durations.length;
    this.#durations = observed(this.#durations, durations);
    this.#participants = observed(this.#participants, participants);
  }

  get values(): Pick<
    ProjectSnapshot,
    'counters' | 'sessionsEnded' | 'sessionDurations' | 'sessionParticipants'
  > {
    return {
      counters: this.#total.values,
      sessionsEnded: this.#ended,
      sessionDurations: this.#durations,
      sessionParticipants: this.#participants,
    };
  }

  get state(): ProjectCountersState {
    return {
      total: this.#total.state,
      ended: this.#ended,
      durations: { counts: this.#durations.counts, sum: this.#durations.sum },
      participants: { counts: this.#participants.counts, sum: this.#participants.sum },
    };
  }

  restore({ total, ended, durations, participants }: ProjectCountersState): void {
    this.#total.restore(total);
    this.#ended = ended;
    this.#durations = { ...this.#durations, counts: [...durations.counts], sum: durations.sum };
    this.#participants = { ...this.#participants, counts: [...participants.counts], sum: participants.sum };
  }
}
