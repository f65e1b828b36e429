// Findings as one JSON document, written at the end.
import type { CheckFinding, FindingStatus } from './finding.ts';
import { printable, type Report, type Subject } from './report.ts';

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
