// What is thrown when the simulator is asked for something it cannot do, and the checks that throw it.

/** An option of the simulator is wrong; the message names the option, the value and what is allowed. */
export class SimulatorOptionError extends Error {
  override readonly name = 'SimulatorOptionError';
  readonly option: string;

  constructor(option: string, message: string) {
    super(`${option}: ${message}`);
    this.option = option;
  }
}

/** Answers the value when it is a number from `least` to `most`. */
export function requireNumber(option: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new SimulatorOptionError(option, `${spell(value)} is not a number from ${least} to ${most}`);
}

/** Answers the value when it is a whole number from `least` to `most`. */
export function requireWhole(option: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
    return value as number;
  throw new SimulatorOptionError(option, `${spell(value)} is not a whole number from ${least} to ${most}`);
}

/** Answers the value when it is one of the allowed words. */
export function requireOneOf<Word extends string>(
  option: string,
  value: unknown,
  words: readonly Word[],
): Word {
  const word = words.find((allowed) => allowed === value);
  if (word !== undefined) return word;
  throw new SimulatorOptionError(option, `${spell(value)} is not one of ${words.join(', ')}`);
}

/** Answers the value when it is a text that is not empty. */
export function requireText(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new SimulatorOptionError(option, `${spell(value)} is not a text of at least one character`);
}

function spell(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}
