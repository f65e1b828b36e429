// Sums of growth that stay right however large they get: what the rounding of a sum loses is kept beside it.
import type { Growth } from './snapshot.ts';

/** The sums and what rounding took from the two volumes: the only ones that can pass 2^53. All whole numbers. */
export type TotalsState = readonly [
  bandwidthIn: number,
  bandwidthInRest: number,
  bandwidthOut: number,
  bandwidthOutRest: number,
  sessionsStarted: number,
  participantsJoined: number,
];

export class Totals {
  #bandwidthIn = 0;
  #bandwidthInRest = 0;
  #bandwidthOut = 0;
  #bandwidthOutRest = 0;
  #sessionsStarted = 0;
  #participantsJoined = 0;

  add({ bandwidthIn, bandwidthOut, sessionsStarted, participantsJoined }: Growth): void {
    this.#addBandwidth(bandwidthIn, bandwidthOut);
    this.#sessionsStarted += sessionsStarted;
    this.#participantsJoined += participantsJoined;
  }

  addTotals(other: Totals): void {
    this.#addBandwidth(other.#bandwidthIn, other.#bandwidthOut);
    if (other.#bandwidthInRest !== 0 || other.#bandwidthOutRest !== 0)
      this.#addBandwidth(other.#bandwidthInRest, other.#bandwidthOutRest);
    this.#sessionsStarted += other.#sessionsStarted;
    this.#participantsJoined += other.#participantsJoined;
  }

  clear(): void {
    this.#bandwidthIn = 0;
    this.#bandwidthInRest = 0;
    this.#bandwidthOut = 0;
    this.#bandwidthOutRest = 0;
    this.#sessionsStarted = 0;
    this.#participantsJoined = 0;
  }

  /** Each is the double nearest to the sum; none ever falls while nothing negative is added. */
  get values(): Growth {
    return {
      bandwidthIn: this.#bandwidthIn + this.#bandwidthInRest,
      bandwidthOut: this.#bandwidthOut + this.#bandwidthOutRest,
      sessionsStarted: this.#sessionsStarted,
      participantsJoined: this.#participantsJoined,
    };
  }

  get state(): TotalsState {
    return [
      this.#bandwidthIn,
      this.#bandwidthInRest,
      this.#bandwidthOut,
      this.#bandwidthOutRest,
      this.#sessionsStarted,
      this.#participantsJoined,
    ];
  }

  restore([
    bandwidthIn,
    inRest,
    bandwidthOut,
    outRest,
    sessionsStarted,
    participantsJoined,
  ]: TotalsState): void {
    this.#bandwidthIn = bandwidthIn;
    this.#bandwidthInRest = inRest;
    this.#bandwidthOut = bandwidthOut;
    this.#bandwidthOutRest = outRest;
    this.#sessionsStarted = sessionsStarted;
    this.#participantsJoined = participantsJoined;
  }

  #addBandwidth(bandwidthIn: number, bandwidthOut: number): void {
    const sumIn = this.#bandwidthIn + bandwidthIn;
    // Up to there sums of whole numbers are exact.
    if (sumIn > Number.MAX_SAFE_INTEGER) this.#bandwidthInRest += lost(this.#bandwidthIn, bandwidthIn, sumIn);
    this.#bandwidthIn = sumIn;
    const sumOut = this.#bandwidthOut + bandwidthOut;
    if (sumOut > Number.MAX_SAFE_INTEGER)
      this.#bandwidthOutRest += lost(this.#bandwidthOut, bandwidthOut, sumOut);
    this.#bandwidthOut = sumOut;
  }
}

/** By how much the true sum of two numbers is larger than the double they were summed to (A. Neumaier, 1974). */
function lost(a: number, b: number, sum: number): number {
  return Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a;
}
