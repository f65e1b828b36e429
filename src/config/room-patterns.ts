// Patterns over room names in the syntax of RE2, as in Prometheus. Names are chosen by customers, so no pattern may run in
// a backtracking engine: RE2 takes time that grows linearly with the name.
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Matches whole names; `.` stands for any character, line breaks included. */
export class RoomPattern {
  /** As it was written: settings are compared by it. */
  readonly text: string;
  readonly #compiled: RE2JS;

  /** Throws a SyntaxError whose message repeats nothing of the text. */
  constructor(text: string) {
    this.text = text;
    this.#compiled = compile(text);
  }

  test(name: string): boolean {
    // The default: each of thousands of new rooms is asked about.
    return this.text === '.*' || this.#compiled.testExact(name);
  }
}

/** Replaces a whole name that matches a pattern. */
export class RoomRewrite {
  readonly pattern: string;
  readonly replacement: string;
  readonly #compiled: RE2JS;
  /** Text, and the numbers of groups between it. */
  readonly #template: (string | number)[] = [];

  /**
   * `$1`, `${1}`, `$name` and `${name}` in the replacement stand for groups of the pattern, `$$` for a dollar sign.
   * Throws a SyntaxError whose message repeats nothing of both but numbers of groups.
   */
  constructor(pattern: string, replacement: string) {
    this.pattern = pattern;
    this.replacement = replacement;
    this.#compiled = compile(pattern);
    if (/\\\d/.test(replacement))
      throw new SyntaxError('holds a backslash and a number: a group is written $1');
    let end = 0;
    for (const { index, 0: reference, 1: bare, 2: braced } of replacement.matchAll(
      /\$(?:\$|(\w+)|\{(\w+)\})?/g,
    )) {
      const group = bare ?? braced;
      if (group === undefined && reference !== '$$') {
        throw new SyntaxError('holds a $ that neither a group nor another $ follows');
      }
      const part = group === undefined ? '$' : groupNumber(group, this.#compiled);
      this.#template.push(replacement.slice(end, index), part);
      end = index + reference.length;
    }
    this.#template.push(replacement.slice(end));
  }

  /** Undefined when the name does not match. */
  apply(name: string): string | undefined {
    const matcher = this.#compiled.matcher(name);
    if (!matcher.matches()) return undefined;
    const parts = this.#template.map((part) => (typeof part === 'number' ? matcher.group(part) : part));
    return parts.join('');
  }
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(text, RE2JS.DOTALL);
  } catch (error) {
    const reason = error instanceof RE2JSSyntaxException ? ` (${error.getDescription()})` : '';
    throw new SyntaxError(`is not a regular expression${reason}`, { cause: error });
  }
}

function groupNumber(group: string, pattern: RE2JS): number {
  const count = pattern.groupCount();
  const number = /^\d+$/.test(group)
    ? Number(group)
    : new Map(Object.entries(pattern.namedGroups())).get(group);
  if (number === undefined) {
    const mend = /^\d/.test(group) ? '; put the number in braces, for example ${1}' : '';
    throw new SyntaxError(`refers to a named group that the pattern does not have${mend}`);
  }
  if (number > count) throw new SyntaxError(`refers to group ${number}, but the pattern has ${count}`);
  return number;
}
