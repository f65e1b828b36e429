// How long something will take that says how far it is.

/** Takes what is left to go on as fast as what was done. */
export class TimeLeft {
  #what = '';
  #since = 0;
  #shareThen = 0;

  /** In words, of what is going on; undefined while nothing was done. `share`: from 0 to 1; `now`: seconds of any clock. */
  of(what: string, share: number, now: number): string | undefined {
    if (what !== this.#what) {
      this.#what = what;
      this.#since = now;
      this.#shareThen = share;
    }
    const gained = share - this.#shareThen;
    if (gained <= 0) return undefined;
    const seconds = ((now - this.#since) * (1 - share)) / gained;
    if (seconds < 90) return `${String(Math.ceil(seconds))} s`;
    return seconds < 5400 ? `${String(Math.ceil(seconds / 60))} min` : `${(seconds / 3600).toFixed(1)} h`;
  }
}
