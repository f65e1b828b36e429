// Counts the egresses of one project from answers that list running and recently ended ones: each ended egress once,
// and running time as it passes. Deterministic: time comes in as a value.
import { type UtcMonth, utcMonth } from './utc-month.ts';
import { endedStatuses, runningStatuses } from './live.ts';
import type { EgressStatus, EndedEgressStatus, LiveEgress, RunningEgressStatus } from './live.ts';
import { microseconds } from './session-details.ts';

/** LiveKit's server lists an egress for this long after its end. */
const listedSeconds = 24 * 3600;

/** An ended egress is forgotten this long after it was last listed; an unknown one that ended longer ago was counted. */
const memorySeconds = listedSeconds + 3600;

interface CountedEgress {
  readonly id: string;
  /** Microseconds of its running time. */
  readonly counted: number;
  readonly ended: boolean;
  readonly listedAt: number;
}

export type EgressState = NonNullable<ReturnType<EgressLedger['state']>>;

interface EgressMonthState extends Pick<UtcMonth, 'begin'> {
  /** Microseconds. */
  readonly runningTime: number;
  /** The start of the month, of counting, or of what LiveKit still listed after a gap in the answers. */
  readonly coveredSince: number;
}

export interface EgressMonth extends Pick<UtcMonth, 'begin'> {
  readonly seconds: number;
}

export type EgressSnapshot = NonNullable<ReturnType<EgressLedger['snapshot']>>;

export type EgressMonths = EgressSnapshot['month'];

export class EgressLedger {
  /** When the counters began at 0, Unix seconds. */
  readonly #since: number;
  readonly #egresses = new Map<string, CountedEgress>();
  readonly #ended = zeros(endedStatuses);
  /** Undefined before the first answer after a restart, and once it is too old. */
  #running: Readonly<Record<RunningEgressStatus, number>> | undefined;
  /** Microseconds. */
  #runningTime = 0;
  /** Undefined before the baseline. */
  #readAt: number | undefined;
  #month: EgressMonthState | undefined;
  /** The month that ended last, as far as it was counted, and whether it ended with the latest answer. */
  #monthBefore: EgressMonth | undefined;
  #hasTurned = false;

  /** Without `state` the first answer is the baseline: it adds nothing. `since` in Unix seconds. */
  constructor(since: number, state?: EgressState) {
    this.#since = state?.since ?? since;
    if (!state) return;
    this.#readAt = state.readAt;
    this.#runningTime = state.runningTime;
    this.#month = state.month;
    Object.assign(this.#ended, state.ended);
    for (const egress of state.egresses) this.#egresses.set(egress.id, egress);
  }

  /** Counts a whole answer. `time`: by LiveKit's clock, Unix seconds, not later than the answer was made. */
  advance(egresses: Iterable<LiveEgress>, time: number): void {
    const readBefore = this.#readAt;
    const running = zeros(runningStatuses);
    this.#turnMonthTo(time);
    this.#coverMonthSince(time - listedSeconds, readBefore);
    for (const egress of onceEach(egresses)) {
      if (isRunning(egress.status)) running[egress.status] += 1;
      this.#count(egress, time, readBefore);
    }
    this.#running = running;
    for (const [id, { listedAt }] of this.#egresses) {
      if (time - listedAt > memorySeconds) this.#egresses.delete(id);
    }
    this.#readAt = Math.max(time, readBefore ?? time);
  }

  /** A clock that is set back does not return to the previous month. */
  #turnMonthTo(time: number): void {
    const { begin } = utcMonth(time);
    const month = this.#month;
    this.#hasTurned = month !== undefined && begin > month.begin;
    if (month && !this.#hasTurned) return;
    if (month) this.#monthBefore = secondsOf(month);
    this.#month = { begin, runningTime: 0, coveredSince: month ? begin : time };
  }

  /** Egresses that ended after the last answer and before `listedFrom` are no longer listed. */
  #coverMonthSince(listedFrom: number, readBefore: number | undefined): void {
    const month = this.#month;
    if (!month || readBefore === undefined || readBefore >= listedFrom) return;
    this.#month = { ...month, coveredSince: Math.max(month.coveredSince, listedFrom) };
  }

  /** The last answer is too old to say what is running. */
  withdraw(): void {
    this.#running = undefined;
  }

  /** Undefined before the baseline. */
  snapshot() {
    const month = this.#month;
    if (!month) return undefined;
    return {
      since: this.#since,
      running: this.#running,
      ended: { ...this.#ended },
      /** That egresses have run. */
      seconds: this.#runningTime / microseconds,
      month: {
        ...secondsOf(month),
        coveredSince: month.coveredSince,
        before: this.#monthBefore,
        hasTurned: this.#hasTurned,
      },
    };
  }

  /** Undefined before the baseline: nothing is known then. */
  state() {
    if (this.#readAt === undefined || !this.#month) return undefined;
    return {
      since: this.#since,
      readAt: this.#readAt,
      runningTime: this.#runningTime,
      ended: { ...this.#ended },
      egresses: [...this.#egresses.values()],
      month: this.#month,
    };
  }

  /** Adds `growth` microseconds that an egress ran until `until`: the part since the month began is the month's. */
  #growMonth(growth: number, until: number): void {
    const month = this.#month;
    if (!month) return;
    const inMonth = Math.min(growth, Math.max(0, Math.round((until - month.begin) * microseconds)));
    this.#month = { ...month, runningTime: month.runningTime + inMonth };
    const before = this.#monthBefore;
    if (before && this.#hasTurned)
      this.#monthBefore = { ...before, seconds: before.seconds + (growth - inMonth) / microseconds };
  }

  #count({ egressId, status, startedAt, endedAt }: LiveEgress, time: number, readBefore?: number): void {
    const before = this.#egresses.get(egressId);
    const isEnded = !isRunning(status);
    const until = isEnded ? endedAt || time : time;
    const run = startedAt === 0 ? 0 : Math.max(0, Math.round((until - startedAt) * microseconds));
    const isForgotten =
      readBefore !== undefined && isEnded && endedAt > 0 && readBefore - endedAt > memorySeconds;
    const isBaseline = !before && (readBefore === undefined || isForgotten);
    const growth = Math.max(0, run - (before?.counted ?? 0));
    // What the first answer lists is backfilled: an egress runs without a break.
    if (!isForgotten || before) this.#growMonth(growth, until);
    if (!isBaseline) {
      this.#runningTime += growth;
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

/** An answer has several pages: an egress that moved or ended while they were read can be on two of them. */
function onceEach(egresses: Iterable<LiveEgress>): Iterable<LiveEgress> {
  const byId = new Map<string, LiveEgress>();
  for (const egress of egresses)
    if (!byId.has(egress.egressId) || !isRunning(egress.status)) byId.set(egress.egressId, egress);
  return byId.values();
}

function secondsOf({ begin, runningTime }: EgressMonthState): EgressMonth {
  return { begin, seconds: runningTime / microseconds };
}

function isRunning(status: EgressStatus): status is RunningEgressStatus {
  return (runningStatuses as readonly string[]).includes(status);
}

function zeros<Status extends string>(statuses: readonly Status[]): Record<Status, number> {
  return Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
}
