// Sums that stay right however large they get: what the rounding of a sum loses is kept beside it (A. Neumaier, 1974).

/** What grew; whole numbers that never fall. */
export interface Growth {
  /** Bytes. */
  readonly bandwidthIn: number;
  readonly bandwidthOut: number;
  readonly sessionsStarted: number;
  readonly participantsJoined: number;
  /** Connected time of participants in microseconds, so that sums are exact; 0 where session details are not read. */
  readonly connected: number;
}

export const noGrowth: Growth = {
  bandwidthIn: 0,
  bandwidthOut: 0,
  sessionsStarted: 0,
  participantsJoined: 0,
  connected: 0,
};

/** The sums, and what rounding took from those that can pass 2^53. All whole numbers. */
export interface TotalsState extends Growth {
  readonly bandwidthInRest: number;
  readonly bandwidthOutRest: number;
  readonly connectedRest: number;
}

/** The growth of a project or a room, summed. Each sum is a field of its own: there are two of these for each room. */
export class Totals {
  #bandwidthIn = 0;
  #bandwidthInRest = 0;
  #bandwidthOut = 0;
  #bandwidthOutRest = 0;
  #sessionsStarted = 0;
  #participantsJoined = 0;
  #connected = 0;
  #connectedRest = 0;

  add({ bandwidthIn, bandwidthOut, sessionsStarted, participantsJoined, connected }: Growth): void {
    this.#addExactly(bandwidthIn, bandwidthOut, connected);
    this.#sessionsStarted += sessionsStarted;
    this.#participantsJoined += participantsJoined;
  }

  addTotals(other: Totals): void {
    this.#addExactly(other.#bandwidthIn, other.#bandwidthOut, other.#connected);
    this.#addExactly(other.#bandwidthInRest, other.#bandwidthOutRest, other.#connectedRest);
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
    this.#connected = 0;
    this.#connectedRest = 0;
  }

  /** Each is the double nearest to the sum; none ever falls while nothing negative is added. */
  get values(): Growth {
    return {
      bandwidthIn: this.#bandwidthIn + this.#bandwidthInRest,
      bandwidthOut: this.#bandwidthOut + this.#bandwidthOutRest,
      sessionsStarted: this.#sessionsStarted,
      participantsJoined: this.#participantsJoined,
      connected: this.#connected + this.#connectedRest,
    };
  }

  get state(): TotalsState {
    return {
      bandwidthIn: this.#bandwidthIn,
      bandwidthInRest: this.#bandwidthInRest,
      bandwidthOut: this.#bandwidthOut,
      bandwidthOutRest: this.#bandwidthOutRest,
      sessionsStarted: this.#sessionsStarted,
      participantsJoined: this.#participantsJoined,
      connected: this.#connected,
      connectedRest: this.#connectedRest,
    };
  }

  restore(state: TotalsState): void {
    this.#bandwidthIn = state.bandwidthIn;
    this.#bandwidthInRest = state.bandwidthInRest;
    this.#bandwidthOut = state.bandwidthOut;
    this.#bandwidthOutRest = state.bandwidthOutRest;
    this.#sessionsStarted = state.sessionsStarted;
    this.#participantsJoined = state.participantsJoined;
    this.#connected = state.connected;
    this.#connectedRest = state.connectedRest;
  }

  #addExactly(bandwidthIn: number, bandwidthOut: number, connected: number): void {
    const sumIn = this.#bandwidthIn + bandwidthIn;
    // Up to there sums of whole numbers are exact.
    if (sumIn > Number.MAX_SAFE_INTEGER) this.#bandwidthInRest += lost(this.#bandwidthIn, bandwidthIn, sumIn);
    this.#bandwidthIn = sumIn;
    const sumOut = this.#bandwidthOut + bandwidthOut;
    if (sumOut > Number.MAX_SAFE_INTEGER)
      this.#bandwidthOutRest += lost(this.#bandwidthOut, bandwidthOut, sumOut);
    this.#bandwidthOut = sumOut;
    const sumConnected = this.#connected + connected;
    if (sumConnected > Number.MAX_SAFE_INTEGER)
      this.#connectedRest += lost(this.#connected, connected, sumConnected);
    this.#connected = sumConnected;
  }
}

export interface ExactSumState {
  readonly sum: number;
  readonly rest: number;
}

/** One sum. */
export class ExactSum {
  #sum = 0;
  #rest = 0;

  add(value: number): void {
    const sum = this.#sum + value;
    this.#rest += lost(this.#sum, value, sum);
    this.#sum = sum;
  }

  /** The double nearest to the sum; it never falls while nothing negative is added. */
  get value(): number {
    return this.#sum + this.#rest;
  }

  get state(): ExactSumState {
    return { sum: this.#sum, rest: this.#rest };
  }

  restore({ sum, rest }: ExactSumState): void {
    this.#sum = sum;
    this.#rest = rest;
  }
}

/** By how much the true sum of two numbers is larger than the double they were summed to. */
function lost(a: number, b: number, sum: number): number {
  return Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a;
}
