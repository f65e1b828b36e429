// When the listed sessions started, in order: this tells at which position of a sorted list a session is.

/** Times are Unix seconds. Holds 8 bytes for each session of the list. */
export class StartIndex {
  /** Ascending. */
  #starts = new Float64Array(0);

  get size(): number {
    return this.#starts.length;
  }

  /** The newest start, -Infinity when there is none. */
  get newest(): number {
    return this.#starts.at(-1) ?? -Infinity;
  }

  /** How many sessions started before this time. */
  countBefore(time: number): number {
    return this.#firstWhere((start) => start >= time);
  }

  /** How many sessions started at this time or before. */
  countUpTo(time: number): number {
    return this.#firstWhere((start) => start > time);
  }

  /** The start at a position counted from the oldest. */
  at(position: number): number | undefined {
    return this.#starts[position];
  }

  /**
   * Takes `starts`, ascending, as all that started from `from` to `to`. Sessions that started exactly at one of these two times
   * may also be in other parts of the list: as many stay as there were.
   */
  replace(from: number, to: number, starts: ArrayLike<number>): void {
    const first = this.countBefore(from);
    const end = this.countUpTo(to);
    const atFrom = this.countUpTo(from) - first - countOf(starts, from);
    const atTo = from === to ? 0 : end - this.countBefore(to) - countOf(starts, to);
    const keptBefore = Number.isFinite(from) ? Math.max(0, atFrom) : 0;
    const keptAfter = Number.isFinite(to) ? Math.max(0, atTo) : 0;
    const next = first + keptBefore + starts.length + keptAfter;
    const replaced = new Float64Array(next + this.size - end);
    replaced.set(this.#starts.subarray(0, first));
    replaced.fill(from, first, first + keptBefore);
    replaced.set(starts, first + keptBefore);
    replaced.fill(to, next - keptAfter, next);
    replaced.set(this.#starts.subarray(end), next);
    this.#starts = replaced;
  }

  /** Forgets all that started before this time. */
  dropBefore(time: number): void {
    this.#starts = this.#starts.subarray(this.countBefore(time));
  }

  clear(): void {
    this.#starts = new Float64Array(0);
  }

  #firstWhere(holds: (start: number) => boolean): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#starts[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** How often the array has this value. */
function countOf(starts: ArrayLike<number>, value: number): number {
  let count = 0;
  for (let index = 0; index < starts.length; index++) if (starts[index] === value) count += 1;
  return count;
}
