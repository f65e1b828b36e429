// A value as the user gave it, not yet checked, with the words by which an error can name its place.

export interface Given {
  /** How an error begins: `--poll.interval`, `config.yaml:12:5: poll.interval`. */
  readonly label: string;
  readonly value: string | number | boolean | null | readonly Given[] | Section;
  /** Whether the source knows types: `100` and `"100"` differ in a file, not on the command line. */
  readonly typed: boolean;
  /** A single value of a file as it is written, when it stands there without quotes: `007`, `yes`, `1s`. */
  readonly bare?: string;
}

/** A map of a file, in the file's order. */
export interface Section {
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly key: string;
  /** Like the value's label, at the position of the key. */
  readonly label: string;
  readonly value: Given;
}

/** Takes one mistake, a whole line. */
export type Report = (problem: string) => void;

/** A text from the command line or the environment. */
export function givenText(label: string, text: string): Given {
  return { label, value: text, typed: false };
}

/** The texts of something that can be repeated. */
export function givenTexts(label: string, texts: readonly string[]): Given {
  return { label, value: texts.map((text) => givenText(label, text)), typed: false };
}

export function isList(value: Given['value']): value is readonly Given[] {
  return Array.isArray(value);
}

export function isSection(value: Given['value']): value is Section {
  return typeof value === 'object' && value !== null && !isList(value);
}
