// The request budget of one project: a hard ceiling over any minute. It knows time, not HTTP: who may send is decided here,
// what is sent elsewhere. Requests to spare never make the session list wait: each minute has room for all that it takes.
import { sleep } from '../../lib/signals.ts';

/** A second more than the promised minute: a request that is slow on its way must not meet the first of the next. */
const windowSeconds = 61;
/** Longer timers are set again, setTimeout cannot count far. */
const longestTimerSeconds = 3600;
/** How often a request that waits looks for one to spare. */
const lookAgainSeconds = 1;
const rememberedPolls = 10;
/** Polls come up to this share of their interval early. */
const earliestShare = 0.95;
/** Failures make retries, and a list grows. */
const margin = 1.1;

/** `first`: before the list; `list`: in turn; `spare`: what is left. */
export type Use = 'first' | 'list' | 'spare';

interface Sent {
  readonly time: number;
  readonly use: Use;
}

interface Waiter {
  readonly use: Use;
  readonly since: number;
  readonly grant: (waitedSeconds: number) => void;
}

/** All times are seconds of `clock`, which must never step back. */
export class RequestBudget {
  readonly #clock: () => number;
  /** As many may be sent in a window. */
  readonly #most: number;
  /** When the last requests were sent, in order, and what for: no more than may be sent in a window. */
  #sent: Sent[] = [];
  #pausedUntil = -Infinity;
  /** Requests of the list in the poll at hand, and in each of its last polls. */
  #inPoll = 0;
  readonly #polls: number[] = [];
  /** Seconds between polls. */
  #interval = NaN;
  /** What may be sent before others are told of it; Infinity while nobody is told. */
  #reserve = Infinity;
  #untold = 0;
  readonly #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(requestsPerMinute: number, clock: () => number) {
    this.#clock = clock;
    this.#most = requestsPerMinute;
  }

  /**
   * Waits until a request may be sent and counts it as sent. Resolves to the seconds waited, 0 without a wait;
   * rejected with the signal's reason, and nothing counted, when the signal is aborted.
   */
  async take(signal: AbortSignal, use: Use = 'list'): Promise<number> {
    if (use === 'spare') return this.#waitForSpare(signal);
    signal.throwIfAborted();
    const since = this.#clock();
    if (this.#waiting.length === 0 && this.#nextTime() <= since) {
      this.#count(since, use);
      return 0;
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        this.#serve();
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        use,
        since,
        grant: (waitedSeconds) => {
          signal.removeEventListener('abort', leave);
          resolve(waitedSeconds);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      const place = use === 'first' ? this.#waiting.findIndex((other) => other.use !== 'first') : -1;
      this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, waiter);
      this.#serve();
    });
  }

  /** Counts a request as sent if it may be sent at once and nobody waits; tells whether it may. */
  takeSpare(): boolean {
    const now = this.#clock();
    if (this.#waiting.length > 0 || this.#nextTime() > now) return false;
    this.#count(now, 'spare');
    return true;
  }

  /** Resolves to 0: the operator does not wait for it. */
  async #waitForSpare(signal: AbortSignal): Promise<number> {
    for (;;) {
      signal.throwIfAborted();
      // Every window must leave to the list what it needs; what it takes beyond that, the budget itself counts.
      const others = this.recent((use) => use !== 'list');
      if (this.#most - others - this.listPerWindow >= 1 && this.takeSpare()) return 0;
      await sleep(lookAgainSeconds, signal);
    }
  }

  pollBegins(): void {
    this.#inPoll = 0;
  }

  /** A poll as they usually are has ended. `interval`: seconds between polls. */
  pollEnds(interval: number): void {
    this.#polls.push(this.#inPoll);
    if (this.#polls.length > rememberedPolls) this.#polls.shift();
    this.#interval = interval;
  }

  /** The requests that any window must leave to the list, as many as its last polls took; Infinity before that is known. */
  get listPerWindow(): number {
    if (this.#polls.length === 0) return Infinity;
    return demandPerWindow(Math.max(...this.#polls), this.#interval);
  }

  /** Requests of the last window. */
  recent(isCounted = (_use: Use): boolean => true): number {
    const windowBegan = this.#clock() - windowSeconds;
    const first = this.#sent.findLastIndex(({ time }) => time <= windowBegan) + 1;
    return this.#sent.slice(first).filter(({ use }) => isCounted(use)).length;
  }

  /** Others sent this many requests in the last window. */
  countOthers(requests: number): void {
    const other: Sent = { time: this.#clock(), use: 'first' };
    const others = Array.from({ length: Math.min(requests, this.#most) }, () => other);
    this.#sent = [...this.#sent, ...others].slice(-this.#most);
    this.#untold = 0;
  }

  /** From now on others know what `tell` has returned. Returns how many requests more there can be at most. */
  share(): number {
    this.#reserve = Math.ceil(this.#most / 4);
    return this.#reserve;
  }

  /** Returns the requests of the last window, for others to know. */
  tell(): number {
    this.#untold = 0;
    this.#serve();
    return this.recent();
  }

  /** Nothing is sent before `time`; a pause is never shortened. */
  pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }

  get waitsFor(): string {
    if (this.pauseLeft() > 0) return 'the end of a pause that the API asked for';
    return this.#waiting.length > 0 ? 'the request budget (api.requests_per_minute)' : 'an answer';
  }

  /** Seconds that the pause still lasts, 0 without one. */
  pauseLeft(): number {
    return Math.max(0, this.#pausedUntil - this.#clock());
  }

  #nextTime(): number {
    if (this.#untold >= this.#reserve) return Infinity;
    const oldest = this.#sent.at(-this.#most)?.time ?? -Infinity;
    return Math.max(this.#pausedUntil, oldest + windowSeconds);
  }

  #count(time: number, use: Use): void {
    this.#sent.push({ time, use });
    if (this.#sent.length > this.#most) this.#sent.shift();
    this.#untold += 1;
    if (use === 'list') this.#inPoll += 1;
  }

  /** Grants the requests that are due, and sets the timer for the next one. */
  #serve(): void {
    clearTimeout(this.#timer);
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const time = this.#clock();
      const early = this.#nextTime() - time;
      if (early > 0) {
        this.#timer = setTimeout(() => this.#serve(), Math.min(early, longestTimerSeconds) * 1000);
        return;
      }
      this.#waiting.shift();
      this.#count(time, first.use);
      first.grant(time - first.since);
    }
  }
}

/** What polls of so many requests take of any window, in which each can come a little early. `interval` in seconds. */
export function demandPerWindow(requestsPerPoll: number, interval: number): number {
  const pollsInWindow = Math.floor(windowSeconds / (earliestShare * interval)) + 1;
  return Math.ceil(requestsPerPoll * pollsInWindow * margin) + 1;
}
