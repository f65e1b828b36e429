// The counters of one project over all its rooms.
import { HistogramCounts } from './counts.ts';
import type { ConnectionCounts, SessionRow } from './session-row.ts';
import { type Growth, Totals } from './totals.ts';
import { noConnections, type TrackedSession } from './tracked-session.ts';

const durationBounds = [60, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const participantBounds = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];

export class ProjectCounters {
  readonly #total = new Totals();
  /** Undefined before a row says. */
  #connections: ConnectionCounts | undefined;
  readonly #durations = new HistogramCounts(durationBounds);
  readonly #participants = new HistogramCounts(participantBounds);

  grow(growth: Growth): void {
    this.#total.add(growth);
  }

  /** Counts attempts to connect since the last reading. The first ones of a session that existed before are its baseline. */
  countConnections(session: TrackedSession, row: SessionRow, readAt: number, counting: boolean): void {
    if (!row.connectionCounts) return;
    const counted = (this.#connections ??= noConnections);
    const before = (session.connectionCounts ??= row.connectionCounts);
    const attempts = Math.max(before.attempts, row.connectionCounts.attempts);
    const successes = Math.max(before.successes, row.connectionCounts.successes);
    if (attempts === before.attempts && successes === before.successes) return;
    session.connectionCounts = { attempts, successes };
    session.changedAt = readAt;
    if (!counting || session.isPast) return;
    this.#connections = {
      attempts: counted.attempts + (attempts - before.attempts),
      successes: counted.successes + (successes - before.successes),
    };
  }

  get bandwidthOut(): number {
    return this.#total.values.bandwidthOut;
  }

  /** A session has ended, after so many seconds. */
  end(duration: number, participants: number): void {
    this.#durations.observe(duration);
    this.#participants.observe(participants);
  }

  get values() {
    const sessionDurations = this.#durations.value;
    return {
      counters: this.#total.values,
      sessionsEnded: sessionDurations.counts.reduce((ended, count) => ended + count, 0),
      sessionDurations,
      sessionParticipants: this.#participants.value,
      connections: this.#connections,
    };
  }

  get state() {
    return {
      total: this.#total.state,
      durations: this.#durations.state,
      participants: this.#participants.state,
      connections: this.#connections,
    };
  }

  restore({ total, durations, participants, connections }: ProjectCounters['state']): void {
    this.#total.restore(total);
    this.#durations.add(durations);
    this.#participants.add(participants);
    this.#connections = connections;
  }
}
