// Findings as lines for people, as soon as they are there. Knows nothing of what is checked.
import type { CheckFinding, FindingStatus } from './finding.ts';
import { printable, type Report, type Subject } from './report.ts';

const labels: Readonly<Record<FindingStatus, string>> = {
  ok: 'ok',
  warn: 'warn',
  fail: 'FAIL',
  skip: 'skip',
};
const labelWidth = 6;
const checkWidth = 17;
const columns = 80;

/** Lines of at most 80 columns, where words are not longer. Projects are written one after the other. */
export class TextReport implements Report {
  readonly #write: (text: string) => void;
  readonly #subjects: readonly Subject[];
  /** What waits until the subjects before are done. */
  readonly #waiting = new Map<Subject, string[]>();
  readonly #ended = new Set<Subject>();
  readonly #counts = { fail: 0, warn: 0, requests: 0 };
  #current = 0;

  constructor(subjects: readonly Subject[], write: (text: string) => void) {
    this.#subjects = subjects;
    this.#write = write;
    for (const subject of subjects) this.#waiting.set(subject, [`\n${heading(subject)}\n`]);
  }

  add(finding: CheckFinding, subject?: Subject): void {
    const { status } = finding;
    if (status === 'fail' || status === 'warn') this.#counts[status] += 1;
    if (!subject) return this.#write(lines(finding));
    this.#waiting.get(subject)?.push(lines(finding));
    this.#writeCurrent();
  }

  endOf(subject: Subject, requests: number): void {
    this.#counts.requests += requests;
    this.#ended.add(subject);
    this.#writeCurrent();
  }

  close(): void {
    const { fail, warn, requests } = this.#counts;
    const found = [
      fail === 0 ? 'Nothing has failed' : `${String(fail)} failed`,
      ...(warn > 0 ? [`${String(warn)} to be looked at`] : []),
    ];
    this.#write(`\n${found.join(', ')}; requests made: ${String(requests)}.\n`);
  }

  #writeCurrent(): void {
    for (;;) {
      const subject = this.#subjects[this.#current];
      if (!subject) return;
      for (const text of this.#waiting.get(subject)?.splice(0) ?? []) this.#write(text);
      if (!this.#ended.has(subject)) return;
      this.#current += 1;
    }
  }
}

function heading({ name, id }: Subject): string {
  return printable(name === id ? `Project ${id}` : `Project ${name} (${id})`);
}

function lines({ check, status, message, remedy }: CheckFinding): string {
  const first = labels[status].padEnd(labelWidth) + check.padEnd(checkWidth);
  const margin = ' '.repeat(holdsLongWord(message, columns - first.length) ? labelWidth : first.length);
  const text = [
    ...wrapped(message, first, margin),
    ...(remedy === undefined ? [] : wrapped(`what to do: ${remedy}`, margin, `${margin}  `)),
  ];
  return `${text.join('\n')}\n`;
}

/** URLs are long, and not to be broken. */
function holdsLongWord(text: string, longest: number): boolean {
  return text.split(' ').some((word) => word.length > longest);
}

function wrapped(text: string, first: string, margin: string): string[] {
  const done: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of printable(text).split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      done.push(line);
      line = margin;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...done, line];
}
