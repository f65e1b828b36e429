// The request budget of one project: a hard ceiling over any minute, first come, first served. It knows time,
// not HTTP: who may send is decided here, what is sent elsewhere.

/**
 * One second more than the minute that is promised: a request that was slow to reach the API must not
 * meet the next minute's first ones there.
 */
export const windowSeconds = 61;
/** Longer timers are set again, setTimeout cannot count far. */
const longestTimerSeconds = 3600;

interface Waiter {
  readonly since: number;
  readonly grant: (waitedSeconds: number) => void;
}

/** Requests of the last window, by how they were taken. */
export interface RecentRequests {
  /** With `take`. */
  readonly inTurn: number;
  /** With `takeSpare`. */
  readonly spare: number;
}

/** All times are seconds of `clock`, which must never step back. */
export class RequestBudget {
  readonly #clock: () => number;
  /** When the last requests were sent; a ring, `#oldest` the next to be replaced. */
  readonly #sent: Float64Array;
  /** Which of them were spare. */
  readonly #spare: Uint8Array;
  #oldest = 0;
  #pausedUntil = -Infinity;
  #takenInTurn = 0;
  readonly #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(requestsPerMinute: number, clock: () => number) {
    this.#clock = clock;
    this.#sent = new Float64Array(requestsPerMinute).fill(-Infinity);
    this.#spare = new Uint8Array(requestsPerMinute);
  }

  /** Requests that may be sent in a window. */
  get limit(): number {
    return this.#sent.length;
  }

  /**
   * Waits until a request may be sent and counts it as sent. Resolves to the seconds waited, 0 without a wait;
   * rejected with the signal's reason, and nothing counted, when the signal is aborted.
   */
  async take(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const since = this.#clock();
    if (this.#waiting.length === 0 && this.#nextTime() <= since) {
      this.#countInTurn(since);
      return 0;
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        this.#serve();
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        since,
        grant: (waitedSeconds) => {
          signal.removeEventListener('abort', leave);
          resolve(waitedSeconds);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  /** Counts a request as sent if it may be sent at once and nobody waits; tells whether it may. */
  takeSpare(): boolean {
    const now = this.#clock();
    if (this.#waiting.length > 0 || this.#nextTime() > now) return false;
    this.#count(now, 1);
    return true;
  }

  /** Requests that were taken with `take` so far. */
  get takenInTurn(): number {
    return this.#takenInTurn;
  }

  recentRequests(): RecentRequests {
    const windowBegan = this.#clock() - windowSeconds;
    let inTurn = 0;
    let spare = 0;
    for (let index = 0; index < this.#sent.length; index += 1) {
      if ((this.#sent[index] as number) <= windowBegan) continue;
      if (this.#spare[index] === 1) spare += 1;
      else inTurn += 1;
    }
    return { inTurn, spare };
  }

  /** Nothing is sent before `time`; a pause is never shortened. */
  pauseUntil(time: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, time);
  }

  /** Seconds that the pause still lasts, 0 without one. */
  pauseLeft(): number {
    return Math.max(0, this.#pausedUntil - this.#clock());
  }

  #nextTime(): number {
    return Math.max(this.#pausedUntil, (this.#sent[this.#oldest] as number) + windowSeconds);
  }

  #countInTurn(time: number): void {
    this.#count(time, 0);
    this.#takenInTurn += 1;
  }

  #count(time: number, spare: 0 | 1): void {
    this.#sent[this.#oldest] = time;
    this.#spare[this.#oldest] = spare;
    this.#oldest = (this.#oldest + 1) % this.#sent.length;
  }

  /** Lets the first of those who wait go for whom it is time, and sets the timer for the next. */
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
      this.#countInTurn(time);
      first.grant(time - first.since);
    }
  }
}
