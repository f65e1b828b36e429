// What can be wrong with what a user wrote, and the words for it. No message repeats a secret: a value or a name is shown
// only where it looks like what was meant to stand there.

/** Takes one mistake, a whole line. */
export type Report = (problem: string) => void;

/** The configuration cannot be used. Each problem is a line that begins with where it stands. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Control characters, unusual spaces, zero-width and bidirectional characters, but not joiners in words and emoji. */
const invisible =
  /(?!(?<=[\p{L}\p{M}\p{S}])[\u200c\u200d](?=[\p{L}\p{S}]))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?! )\p{Zs}/u;

const characterNames: Readonly<Record<string, string>> = {
  '\n': 'a line break, ',
  '\r': 'a carriage return, ',
  '\u00a0': 'a no-break space, ',
  '\u200b': 'a zero-width space, ',
};

/** Describes the first invisible character of a text; undefined when there is none. */
export function invisibleCharacter(text: string): string | undefined {
  const character = invisible.exec(text)?.[0];
  if (character === undefined) return undefined;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `an invisible character (${characterNames[character] ?? ''}U+${code}); remove it`;
}

/** Quotes that other programs keep, in words. */
export function quotes(text: string): string | undefined {
  return /^(["'`]).*\1$|^[“”„‘’].*[“”‘’]$/su.test(text)
    ? 'is in quotes; remove them: docker --env-file and lists in YAML make them a part of the value'
    : undefined;
}

/** These, or a placeholder that nothing has replaced, in words. */
export function leftover(text: string): string | undefined {
  const isPlaceholder = /\$\{|\$\(|\{\{|^\$[A-Za-z_]\w*$|^%\w+%$|^<.*>$/s.test(text);
  return isPlaceholder
    ? 'is a placeholder that nothing has replaced: no variables are expanded here'
    : quotes(text);
}

/** Short, without a run of letters and digits like LiveKit's keys and secrets, or @, ? and #, which tokens stand behind. */
export const harmlessText = /^(?!.*[A-Za-z0-9]{12})[^@?#\P{ASCII}]{1,20}$/u;

const path = /^(?!.*[A-Za-z0-9]{32})[\w./ ~+-]*[/.][\w./ ~+-]*$/;

const fileErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

/** Why a file cannot be read, with its path unless a secret may have been `written` in its place. */
export function fileProblem(error: unknown, resolved = '', written = resolved): string {
  const code = String(Object(error).code ?? 'unknown reason');
  const shown = harmlessText.test(written) || path.test(written) ? ` (${resolved})` : '';
  return `the file cannot be read: ${fileErrors[code] ?? code}${shown}`;
}

/** The candidate that was probably meant: case and punctuation do not count, and few letters differ. */
export function nearMiss(name: string, candidates: readonly string[]): string | undefined {
  const letters = (text: string) =>
    text
      .slice(0, 100)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '');
  const wanted = letters(name);
  const ranked = candidates.map((candidate) => ({
    candidate,
    changes: editDistance(wanted, letters(candidate)),
  }));
  const [best] = ranked.sort((a, b) => a.changes - b.changes);
  return best && best.changes <= Math.max(1, wanted.length * 0.4) ? best.candidate : undefined;
}

/** Letters to insert, remove or replace. */
function editDistance(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...from].entries()) {
    const next = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const [left = 0, above = 0, replaced = 0] = [next[column], last[column + 1], last[column]];
      next.push(Math.min(left + 1, above + 1, replaced + (letter === other ? 0 : 1)));
    }
    last = next;
  }
  return last.at(-1) ?? 0;
}
