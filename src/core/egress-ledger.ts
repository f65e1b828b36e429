// Counts the egresses of one project from answers that list running ones and lately ended ones: each ended egress
// once, and running time as it passes. Deterministic: time comes in as a value.
import { endedStatuses, runningStatuses } from './live.ts';
import type { EgressStatus, EndedEgressStatus, LiveEgress, RunningEgressStatus } from './live.ts';

/**
 * An ended egress is remembered for this long after it was last listed, in seconds. LiveKit's server lists ended ones
 * for 24 hours; one that ended longer ago and was not seen before is one that was forgotten.
 */
const memorySeconds = 25 * 3600;

const microseconds = 1e6;

/** What has been counted of one egress. */
interface CountedEgress {
  readonly id: string;
  /** Microseconds of its running time. */
  readonly counted: number;
  readonly ended: boolean;
  /** When it was last listed, Unix seconds. */
  readonly listedAt: number;
}

/** Plain, as it is kept over a restart. */
export interface EgressState {
  readonly since: number;
  /** The time of the last answer, Unix seconds. */
  readonly readAt: number;
  /** Microseconds. */
  readonly runningTime: number;
  readonly ended: Readonly<Record<EndedEgressStatus, number>>;
  readonly egresses: readonly CountedEgress[];
}

export interface EgressSnapshot {
  /** When the counters began at 0, Unix seconds. */
  readonly since: number;
  readonly running: Readonly<Record<RunningEgressStatus, number>>;
  readonly ended: Readonly<Record<EndedEgressStatus, number>>;
  /** Seconds that egresses have run. */
  readonly seconds: number;
}

export class EgressLedger {
  readonly #since: number;
  readonly #egresses = new Map<string, CountedEgress>();
  readonly #ended = zeros(endedStatuses);
  #running = zeros(runningStatuses);
  #runningTime = 0;
  /** Undefined before the baseline. */
  #readAt: number | undefined;

  /** Without `state` the first answer is the baseline: it adds nothing. `since` in Unix seconds. */
  constructor(since: number, state?: EgressState) {
    this.#since = state?.since ?? since;
    if (!state) return;
    this.#readAt = state.readAt;
    this.#runningTime = state.runningTime;
    Object.assign(this.#ended, state.ended);
    for (const egress of state.egresses) this.#egresses.set(egress.id, egress);
  }

  /** Counts a whole answer. `time`: by LiveKit's clock, Unix seconds, not after the answer was made. */
  advance(egresses: Iterable<LiveEgress>, time: number): void {
    const readBefore = this.#readAt;
    this.#running = zeros(runningStatuses);
    for (const egress of egresses) this.#count(egress, time, readBefore);
    for (const [id, { listedAt }] of this.#egresses) {
      if (time - listedAt > memorySeconds) this.#egresses.delete(id);
    }
    this.#readAt = Math.max(time, readBefore ?? time);
  }

  snapshot(): EgressSnapshot {
    return {
      since: this.#since,
      running: this.#running,
      ended: { ...this.#ended },
      seconds: this.#runningTime / microseconds,
    };
  }

  /** Undefined before the baseline: nothing is known then. */
  state(): EgressState | undefined {
    if (this.#readAt === undefined) return undefined;
    return {
      since: this.#since,
      readAt: this.#readAt,
      runningTime: this.#runningTime,
      ended: { ...this.#ended },
      egresses: [...this.#egresses.values()],
    };
  }

  #count({ egressId, status, startedAt, endedAt }: LiveEgress, time: number, readBefore?: number): void {
    const before = this.#egresses.get(egressId);
    const isEnded = !isRunning(status);
    if (isRunning(status)) this.#running[status] += 1;
    const until = isEnded ? endedAt || time : time;
    const run = startedAt === 0 ? 0 : Math.max(0, Math.round((until - startedAt) * microseconds));
    const isForgotten =
      readBefore !== undefined && isEnded && endedAt > 0 && readBefore - endedAt > memorySeconds;
    const isBaseline = !before && (readBefore === undefined || isForgotten);
    if (!isBaseline) {
      this.#runningTime += Math.max(0, run - (before?.counted ?? 0));
      if (isEnded && !before?.ended) this.#ended[status as EndedEgressStatus] += 1;
    }
    this.#egresses.set(egressId, {
      id: egressId,
      counted: Math.max(run, before?.counted ?? 0),
      ended: isEnded || (before?.ended ?? false),
      listedAt: time,
    });
  }
}

function isRunning(status: EgressStatus): status is RunningEgressStatus {
  return (runningStatuses as readonly string[]).includes(status);
}

function zeros<Status extends string>(statuses: readonly Status[]): Record<Status, number> {
  return Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
}
