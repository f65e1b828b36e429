// Sums that stay exact however large they get: what rounding loses is kept next to each sum (A. Neumaier, 1974).

export const noGrowth = {
  /** Bytes. */
  bandwidthIn: 0,
  bandwidthOut: 0,
  sessionsStarted: 0,
  participantsJoined: 0,
  /** Connected time of participants in microseconds, so that sums are exact; 0 where session details are not read. */
  connected: 0,
  /** Minutes of connections that have begun, as they are billed; 0 where session details are not read. */
  billableMinutes: 0,
};

/** What grew; whole numbers that never fall. */
export type Growth = Readonly<typeof noGrowth>;

/** Sums by name of whole numbers. */
export class Sums<Name extends string> {
  readonly #names: readonly Name[];
  readonly #zeros: Readonly<Record<Name, number>>;
  /** In the order of the names: the sums, and what rounding took from each. */
  readonly #sums: number[];
  readonly #rests: number[];

  constructor(names: readonly Name[], zeros: Readonly<Record<Name, number>>) {
    this.#names = names;
    this.#zeros = zeros;
    this.#sums = new Array<number>(names.length).fill(0);
    this.#rests = new Array<number>(names.length).fill(0);
  }

  add(values: Readonly<Record<Name, number>>): void {
    for (let index = 0; index < this.#names.length; index++)
      this.#add(index, values[this.#names[index] as Name]);
  }

  addSums(other: Sums<Name>): void {
    for (let index = 0; index < this.#names.length; index++) {
      this.#add(index, other.#sums[index] as number);
      this.#add(index, other.#rests[index] as number);
    }
  }

  clear(): void {
    this.#sums.fill(0);
    this.#rests.fill(0);
  }

  /** Each is the double nearest to the sum; none ever falls while nothing negative is added. */
  get values(): Record<Name, number> {
    return this.#byName((index) => (this.#sums[index] as number) + (this.#rests[index] as number));
  }

  get state() {
    return {
      sums: this.#byName((index) => this.#sums[index] as number),
      rests: this.#byName((index) => this.#rests[index] as number),
    };
  }

  restore({ sums, rests }: Sums<Name>['state']): void {
    for (const [index, name] of this.#names.entries()) {
      this.#sums[index] = sums[name];
      this.#rests[index] = rests[name];
    }
  }

  #byName(valueAt: (index: number) => number): Record<Name, number> {
    // Copies have the same layout, which is faster than adding name by name.
    const values: Record<Name, number> = { ...this.#zeros };
    for (let index = 0; index < this.#names.length; index++)
      values[this.#names[index] as Name] = valueAt(index);
    return values;
  }

  #add(index: number, value: number): void {
    // Most values of most rooms have not grown since the last poll.
    if (value === 0) return;
    const before = this.#sums[index] as number;
    const sum = before + value;
    this.#sums[index] = sum;
    // Up to here sums of whole numbers are exact.
    if (sum <= Number.MAX_SAFE_INTEGER) return;
    const lost = Math.abs(before) >= Math.abs(value) ? before - sum + value : value - sum + before;
    this.#rests[index] = (this.#rests[index] as number) + lost;
  }
}

const growthNames = Object.keys(noGrowth) as (keyof Growth)[];

export class Totals extends Sums<keyof Growth> {
  constructor() {
    super(growthNames, noGrowth);
  }
}
