// What can be wrong with what a user wrote, and the words that all mistakes share. No message repeats a secret: a value or
// a name is shown only where it looks like what was meant to stand there.

/** Takes one mistake, a whole line. */
export type Report = (problem: string) => void;

/** Something is wrong; each problem is a line. */
class Mistakes extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** The command line cannot be understood. */
export class UsageError extends Mistakes {
  override readonly name = 'UsageError';
}

/** The configuration cannot be used. Each problem begins with where it stands. */
export class ConfigurationError extends Mistakes {
  override readonly name = 'ConfigurationError';
}

/**
 * Characters that nobody sees: control characters, spaces other than the usual one, zero-width and bidirectional ones.
 * Joiners inside of words and emoji have a meaning, and stay.
 */
const invisible =
  /(?!(?<=[\p{L}\p{M}\p{S}])[\u200c\u200d](?=[\p{L}\p{S}]))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?! )\p{Zs}/u;

const characterNames: Readonly<Record<string, string>> = {
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a carriage return',
  '\u00a0': 'a no-break space',
  '\u00ad': 'a soft hyphen',
  '\u200b': 'a zero-width space',
  '\ufeff': 'a byte order mark',
};

/** The first invisible character of a text, in words; undefined when all can be seen. */
export function invisibleCharacter(text: string): string | undefined {
  const character = invisible.exec(text)?.[0];
  if (character === undefined) return undefined;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const name = characterNames[character];
  return name ? `${name} (U+${code})` : `the invisible character U+${code}`;
}

/** Quotes that another program has kept, in words; undefined: there are none. */
export function quotes(text: string): string | undefined {
  return /^(["'`]).*\1$|^[“”„‘’].*[“”‘’]$/su.test(text)
    ? 'is in quotes; remove them: docker --env-file and lists in YAML make them a part of the value'
    : undefined;
}

/** A placeholder that another program should have replaced, in words; undefined: there is none. */
export function placeholder(text: string): string | undefined {
  return /\$\{|\$\(|\{\{|^\$[A-Za-z_]\w*$|^%\w+%$|^<.*>$/s.test(text)
    ? 'is a placeholder that nothing has replaced: no variables are expanded here'
    : undefined;
}

const fileErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

/** Why a file cannot be read, with its path unless a secret may have been written in its place. */
export function fileProblem(error: unknown, path?: string, written = path): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  const problem = `the file cannot be read: ${fileErrors[code] ?? code}`;
  if (path === undefined || written === undefined) return problem;
  const isHarmless =
    harmlessText.test(written) || (/^[\w./ ~+-]*[/.][\w./ ~+-]*$/.test(written) && !secretLike.test(written));
  return `${problem} (${isHarmless ? path : 'the path does not look like one and is not repeated'})`;
}

/**
 * Short, and neither a key nor a secret of LiveKit, which have 15 and more letters and digits in a row. Behind @, ? and #
 * stand passwords and tokens.
 */
export const harmlessText = /^(?!.*[A-Za-z0-9]{12})[^@?#\P{ASCII}]{1,20}$/u;

const secretLike = /(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{15}/;

/** The candidate that takes the fewest changes to reach; case and punctuation do not count. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  return ranked(name, candidates)[0]?.candidate;
}

/** The nearest candidate when it is near enough to be what was meant. */
export function nearMiss(name: string, candidates: readonly string[]): string | undefined {
  const best = ranked(name, candidates)[0];
  return best && best.changes <= Math.max(1, letters(name).length * 0.4) ? best.candidate : undefined;
}

function ranked(name: string, candidates: readonly string[]): { candidate: string; changes: number }[] {
  const wanted = letters(name);
  return candidates
    .map((candidate) => ({ candidate, changes: editDistance(wanted, letters(candidate)) }))
    .sort((a, b) => a.changes - b.changes);
}

function letters(name: string): string {
  return name
    .slice(0, 100)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

/** Letters to insert, remove or replace. */
function editDistance(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...from].entries()) {
    let left = row + 1;
    last = [
      left,
      ...[...to].map((other, column) => {
        const [replaced = 0, above = 0] = last.slice(column, column + 2);
        left = Math.min(left + 1, above + 1, replaced + (letter === other ? 0 : 1));
        return left;
      }),
    ];
  }
  return last.at(-1) ?? 0;
}
