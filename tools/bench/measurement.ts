// What a measurement is: prepared once, done in rounds between those of all others, summed up as lines of a table.

export interface Measurement {
  /** Before each of its rounds all other measurements have had theirs. */
  readonly rounds: number;
  round(): Promise<void>;
  lines(): Line[];
}

/** A line of the table: our figure, what it is measured against, and how they compare. */
export interface Line {
  readonly what: string;
  readonly ours: string;
  readonly beside: string;
  readonly comparison: string;
  /** Absent where a line is there to explain another. */
  readonly goal?: { readonly text: string; readonly met: boolean };
}

/** The part of a line that compares a ratio with the most it may be. */
export function atMost(ratio: number, most: number, show = factor): Pick<Line, 'comparison' | 'goal'> {
  return { comparison: show(ratio), goal: { text: `<= ${show(most)}`, met: ratio <= most } };
}

/** The part of a line that compares a ratio with the least it must be. */
export function atLeast(ratio: number, least: number): Pick<Line, 'comparison' | 'goal'> {
  return { comparison: factor(ratio), goal: { text: `>= ${factor(least)}`, met: ratio >= least } };
}

export function factor(ratio: number): string {
  return ratio.toPrecision(3);
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toPrecision(2)} %`;
}

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

export function megabytes(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} MB`;
}
