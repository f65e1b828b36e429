// The counters of one project over all its rooms.
import { HistogramCounts, type HistogramState } from './counts.ts';
import type { ProjectSnapshot } from './snapshot.ts';
import { type Growth, Totals, type TotalsState } from './totals.ts';

const durationBounds = [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const participantBounds = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];

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
  readonly #durations = new HistogramCounts(durationBounds);
  readonly #participants = new HistogramCounts(participantBounds);

  grow(growth: Growth): void {
    this.#total.add(growth);
  }

  get bandwidthOut(): number {
    return this.#total.values.bandwidthOut;
  }

  /** A session has ended, after so many seconds. */
  end(duration: number, participants: number): void {
    this.#ended += 1;
    this.#durations.observe(duration);
    this.#participants.observe(participants);
  }

  get values(): Pick<
    ProjectSnapshot,
    'counters' | 'sessionsEnded' | 'sessionDurations' | 'sessionParticipants'
  > {
    return {
      counters: this.#total.values,
      sessionsEnded: this.#ended,
      sessionDurations: this.#durations.value,
      sessionParticipants: this.#participants.value,
    };
  }

  get state(): ProjectCountersState {
    return {
      total: this.#total.state,
      ended: this.#ended,
      durations: this.#durations.state,
      participants: this.#participants.state,
    };
  }

  restore({ total, ended, durations, participants }: ProjectCountersState): void {
    this.#total.restore(total);
    this.#ended = ended;
    this.#durations.add(durations);
    this.#participants.add(participants);
  }
}
