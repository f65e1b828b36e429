// Sums that stay exact however large they get: what rounding loses is kept next to each sum (A. Neumaier, 1974).

/** What grew; whole numbers that never fall. */
export interface Growth {
  /** Bytes. */
  readonly bandwidthIn: number;
  readonly bandwidthOut: number;
  readonly sessionsStarted: number;
  readonly participantsJoined: number;
  /** Connected time of participants in microseconds, so that sums are exact; 0 where session details are not read. */
  readonly connected: number;
  /** Minutes of connections that have begun, as they are billed; 0 where session details are not read. */
  readonly billableMinutes: number;
}

export const noGrowth: Growth = {
  bandwidthIn: 0,
  bandwidthOut: 0,
  sessionsStarted: 0,
  participantsJoined: 0,
  connected: 0,
  billableMinutes: 0,
};

/** The sums, and what rounding took from each. Plain values, for JSON. */
export interface SumsState<Name extends string> {
  readonly sums: Readonly<Record<Name, number>>;
  readonly rests: Readonly<Record<Name, number>>;
}

export type TotalsState = SumsState<keyof Growth>;

/** Sums by name of whole numbers. */
export class Sums<Name extends string> {
  readonly #names: readonly Name[];
  /** 0 for each name. */
  readonly #zeros: Readonly<Record<Name, number>>;
  /** For each name its sum; then for each name what rounding took from it. */
  readonly #sums: number[];

  constructor(names: readonly Name[], zeros: Readonly<Record<Name, number>>) {
    this.#names = names;
    this.#zeros = zeros;
    this.#sums = new Array<number>(2 * names.length).fill(0);
  }

  add(values: Readonly<Record<Name, number>>): void {
    for (let index = 0; index < this.#names.length; index++)
      this.#add(index, values[this.#names[index] as Name]);
  }

  /** `other` has the same names. */
  addSums(other: Sums<Name>): void {
    const { length } = this.#names;
    for (let index = 0; index < length; index++) {
      this.#add(index, other.#sumAt(index));
      this.#add(index, other.#restAt(index));
    }
  }

  clear(): void {
    for (let index = 0; index < this.#sums.length; index++) this.#sums[index] = 0;
  }

  /** Each is the double nearest to the sum; none ever falls while nothing negative is added. */
  get values(): Record<Name, number> {
    return this.#byName((index) => this.#sumAt(index) + this.#restAt(index));
  }

  get state(): SumsState<Name> {
    const sums = this.#byName((index) => this.#sumAt(index));
    return { sums, rests: this.#byName((index) => this.#restAt(index)) };
  }

  restore({ sums, rests }: SumsState<Name>): void {
    const { length } = this.#names;
    for (const [index, name] of this.#names.entries()) {
      this.#sums[index] = sums[name];
      this.#sums[length + index] = rests[name];
    }
  }

  #byName(valueAt: (index: number) => number): Record<Name, number> {
    // Copies have the same layout, which is faster than adding name by name.
    const values: Record<Name, number> = { ...this.#zeros };
    for (let index = 0; index < this.#names.length; index++)
      values[this.#names[index] as Name] = valueAt(index);
    return values;
  }

  #sumAt(index: number): number {
    return this.#sums[index] as number;
  }

  #restAt(index: number): number {
    return this.#sums[this.#names.length + index] as number;
  }

  #add(index: number, value: number): void {
    // Most values of most rooms have not grown since the last poll.
    if (value === 0) return;
    const before = this.#sumAt(index);
    const sum = before + value;
    this.#sums[index] = sum;
    // Up to here sums of whole numbers are exact.
    if (sum <= Number.MAX_SAFE_INTEGER) return;
    const lost = Math.abs(before) >= Math.abs(value) ? before - sum + value : value - sum + before;
    this.#sums[this.#names.length + index] = this.#restAt(index) + lost;
  }
}

const growthNames = Object.keys(noGrowth) as (keyof Growth)[];

/** The growth of a project or a room, summed. */
export class Totals extends Sums<keyof Growth> {
  constructor() {
    super(growthNames, noGrowth);
  }
}
