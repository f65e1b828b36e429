// Where findings go: lines for people as soon as they are there, or one JSON document at the end. Knows nothing of what is
// checked.
import { unprintable } from '../lib/log-lines.ts';
import type { CheckFinding, FindingStatus } from './finding.ts';

/** Whom findings are about: a project, or what all have in common. */
export interface Subject {
  readonly name: string;
  readonly id: string;
}

export interface Report {
  /** Takes a finding; without a subject it is about what all projects have in common. */
  add(finding: CheckFinding, subject?: Subject): void;
  /** To be called when all has been found out about a subject, with the requests that took. */
  endOf(subject: Subject, requests: number): void;
  /** To be called at the end. */
  close(): void;
}

/** Names are chosen by people, and messages quote others: what could forge a line or a terminal command is taken out. */
function printable(text: string): string {
  return text.replaceAll(new RegExp(unprintable, 'gu'), '\uFFFD');
}

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

export class JsonReport implements Report {
  readonly #write: (text: string) => void;
  readonly #common: CheckFinding[] = [];
  readonly #projects: Map<Subject, { requests: number; findings: CheckFinding[] }>;

  constructor(subjects: readonly Subject[], write: (text: string) => void) {
    this.#write = write;
    this.#projects = new Map(subjects.map((subject) => [subject, { requests: 0, findings: [] }]));
  }

  add(finding: CheckFinding, subject?: Subject): void {
    const findings = subject ? this.#projects.get(subject)?.findings : this.#common;
    findings?.push(finding);
  }

  endOf(subject: Subject, requests: number): void {
    const project = this.#projects.get(subject);
    if (project) project.requests = requests;
  }

  close(): void {
    const projects = [...this.#projects].map(([{ name, id }, { requests, findings }]) => ({
      name: printable(name),
      id: printable(id),
      status: worst(findings),
      requests,
      checks: findings.map(asJson),
    }));
    const all = [...this.#common, ...[...this.#projects.values()].flatMap(({ findings }) => findings)];
    const document = { status: worst(all), checks: this.#common.map(asJson), projects };
    this.#write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
}

function asJson({ check, status, message, remedy }: CheckFinding): object {
  return {
    check,
    status,
    message: printable(message),
    remedy: remedy === undefined ? null : printable(remedy),
  };
}

function worst(findings: readonly CheckFinding[]): FindingStatus {
  const statuses = findings.map(({ status }) => status);
  return (['fail', 'warn'] as const).find((status) => statuses.includes(status)) ?? 'ok';
}
