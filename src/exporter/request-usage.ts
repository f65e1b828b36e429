// What the requests of one project came to lately, for the page for people. Nothing is decided by it.
import type { RequestUsageStatus } from '../http/status.ts';

const minuteSeconds = 60;

/** All that ended or waited in one second. */
interface Slot {
  second: number;
  requests: number;
  waitedSeconds: number;
}

export class RequestUsage {
  readonly #clock: () => number;
  /** One for each second of a minute, used again and again. */
  readonly #slots: Slot[] = Array.from({ length: minuteSeconds }, () => ({
    second: -Infinity,
    requests: 0,
    waitedSeconds: 0,
  }));
  #sinceLastPoll = 0;
  #lastPoll: number | undefined;

  /** `clock` is in seconds and never goes back. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** `ofPoll`: whether a poll asked for it. */
  requestFinished(ofPoll: boolean): void {
    this.#slot().requests += 1;
    if (ofPoll) this.#sinceLastPoll += 1;
  }

  budgetWaited(seconds: number): void {
    this.#slot().waitedSeconds += seconds;
  }

  pollFinished(): void {
    this.#lastPoll = this.#sinceLastPoll;
    this.#sinceLastPoll = 0;
  }

  read(): RequestUsageStatus {
    const now = Math.floor(this.#clock());
    let requests = 0;
    let waitedSeconds = 0;
    for (const slot of this.#slots) {
      if (slot.second <= now - minuteSeconds) continue;
      requests += slot.requests;
      waitedSeconds += slot.waitedSeconds;
    }
    return {
      lastPollRequests: this.#lastPoll,
      lastMinuteRequests: requests,
      lastMinuteWaitSeconds: waitedSeconds,
    };
  }

  #slot(): Slot {
    const second = Math.floor(this.#clock());
    const slot = this.#slots[second % minuteSeconds] as Slot;
    if (slot.second !== second) Object.assign(slot, { second, requests: 0, waitedSeconds: 0 });
    return slot;
  }
}
