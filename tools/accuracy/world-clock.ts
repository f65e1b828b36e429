// The clock of the simulated cloud: it stands still until it is let go, so that the truth is that of a known moment.

export class WorldClock {
  /** Unix seconds, at the moment it was let go or since it stands still. */
  #time: number;
  /** When it was let go, by the machine's own clock in seconds; undefined while it stands still. */
  #letGoAt: number | undefined;

  constructor(time: number) {
    this.#time = time;
  }

  /** Unix seconds. */
  readonly now = (): number =>
    this.#letGoAt === undefined ? this.#time : this.#time + machineSeconds() - this.#letGoAt;

  letGo(): void {
    this.#letGoAt ??= machineSeconds();
  }

  /** Moves it on, whether it runs or not. */
  skip(seconds: number): void {
    this.#time += seconds;
  }
}

function machineSeconds(): number {
  return performance.now() / 1000;
}
