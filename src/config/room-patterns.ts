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
    return this.#compiled.testExact(name);
  }
}

/** Replaces a whole name that matches a pattern. */
export class RoomRewrite {
  readonly pattern: string;
  readonly replacement: string;
  readonly #compiled: RE2JS;
  /** Text, and the numbers of groups between it. */
  readonly #template: readonly (string | number)[];

  /**
   * `$1`, `${1}`, `$name` and `${name}` in the replacement stand for groups of the pattern, `$$` for a dollar sign.
   * Throws a SyntaxError whose message repeats nothing of the pattern, and of the replacement numbers of groups only.
   */
  constructor(pattern: string, replacement: string) {
    this.pattern = pattern;
    this.replacement = replacement;
    this.#compiled = compile(pattern);
    this.#template = parseTemplate(replacement, this.#compiled);
  }

  /** Undefined when the name does not match. */
  apply(name: string): string | undefined {
    const matcher = this.#compiled.matcher(name);
    if (!matcher.matches()) return undefined;
    return this.#template
      .map((part) => (typeof part === 'number' ? (matcher.group(part) ?? '') : part))
      .join('');
  }
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(text, RE2JS.DOTALL);
  } catch (error) {
    // Whatever else a pattern may run into, such as a stack that is too small, is its fault, too.
    const reason = error instanceof RE2JSSyntaxException ? ` (${error.getDescription()})` : '';
    throw new SyntaxError(`is not a regular expression${reason}`, { cause: error });
  }
}

function parseTemplate(replacement: string, pattern: RE2JS): (string | number)[] {
  const parts: (string | number)[] = [];
  let end = 0;
  for (const reference of replacement.matchAll(/\$(?:(\$)|(\w+)|\{(\w+)\})?/g)) {
    const [whole, dollar, bare, braced] = reference;
    const group = bare ?? braced;
    if (dollar === undefined && group === undefined) {
      throw new SyntaxError('holds a $ that neither a group nor another $ follows');
    }
    parts.push(
      replacement.slice(end, reference.index),
      group === undefined ? '$' : groupNumber(group, pattern),
    );
    end = reference.index + whole.length;
  }
  return [...parts, replacement.slice(end)];
}

function groupNumber(group: string, pattern: RE2JS): number {
  const names = pattern.namedGroups();
  if (/^\d+$/.test(group)) {
    const number = Number(group);
    const count = pattern.groupCount();
    if (number > count) throw new SyntaxError(`refers to group ${number}, but the pattern has ${count}`);
    return number;
  }
  const number = Object.hasOwn(names, group) ? names[group] : undefined;
  if (number !== undefined) return number;
  throw new SyntaxError(
    /^\d/.test(group)
      ? 'holds the number of a group that is followed by letters; put the number in braces, for example ${1}'
      : 'refers to a named group that the pattern does not have',
  );
}
