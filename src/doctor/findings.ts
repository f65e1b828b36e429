// What checks have found, as lines for people or as one JSON document. Knows nothing of what is checked; no part of it ever
// holds a secret.
import type { SourceError } from '../core/source-error.ts';
import { unprintable, wrapped } from '../lib/text.ts';

/** `warn`: it works, but not for long or not well. `skip`: there was nothing to check, or something else comes first. */
export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly status: FindingStatus;
  readonly message: string;
  /** What the operator can do; undefined when there is nothing to do, or the message says it. */
  readonly remedy?: string;
}

export interface CheckFinding extends Finding {
  readonly check: string;
}

export const ok = (message: string): Finding => ({ status: 'ok', message });
export const skip = (message: string): Finding => ({ status: 'skip', message });
export const warn = (message: string, remedy: string): Finding => ({ status: 'warn', message, remedy });
export const fail = (message: string, remedy?: string): Finding => ({
  status: 'fail',
  message,
  ...(remedy !== undefined && { remedy }),
});

/** In the words that the log and the page for people have for it. */
export const failed = ({ message, remedy }: SourceError): Finding => fail(message, remedy);

/** `1 page`, `3 pages`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `140 ms`, `7.2 s`. */
export function inWords(seconds: number): string {
  return seconds < 1 ? `${String(Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

export function unlessRejected(rejected: readonly string[], unusable: string, finding: Finding): Finding {
  if (rejected.length === 0) return finding;
  return warn(
    `${unusable} cannot be used: ${[...new Set(rejected)].join(', ')}`,
    'look for a newer exporter; if there is none, report it',
  );
}

export interface Examined {
  readonly name: string;
  readonly id: string;
  readonly requests: number;
  readonly findings: readonly CheckFinding[];
}

const checkWidth = 17;
const labelWidth = 6;
const columns = 80;

export function findingLines({ check, status, message, remedy }: CheckFinding): string {
  const label = status === 'fail' ? 'FAIL' : status;
  const first = label.padEnd(labelWidth) + check.padEnd(checkWidth);
  // URLs are long, and not to be broken.
  const isLong = message.split(' ').some((word) => word.length > columns - first.length);
  const margin = ' '.repeat(isLong ? labelWidth : first.length);
  const text = [
    ...wrapped(printable(message), columns, margin, first),
    ...(remedy === undefined
      ? []
      : wrapped(`what to do: ${printable(remedy)}`, columns, `${margin}  `, margin)),
  ];
  return `${text.join('\n')}\n`;
}

export function projectLines({ name, id, findings }: Examined): string {
  const heading = printable(name === id ? `Project ${id}` : `Project ${name} (${id})`);
  return `\n${heading}\n${findings.map(findingLines).join('')}`;
}

export function allOf(common: readonly CheckFinding[], projects: readonly Examined[]): CheckFinding[] {
  return [...common, ...projects.flatMap(({ findings }) => findings)];
}

export function lastLine(common: readonly CheckFinding[], projects: readonly Examined[]): string {
  const all = allOf(common, projects);
  const count = (wanted: FindingStatus) => all.filter(({ status }) => status === wanted).length;
  const [failed, warned] = [count('fail'), count('warn')];
  const requests = projects.reduce((sum, project) => sum + project.requests, 0);
  return `\n${failed === 0 ? 'No check failed' : `${String(failed)} failed`}${
    warned > 0 ? `, ${counted(warned, 'warning')}` : ''
  }; requests made: ${String(requests)}.\n`;
}

export function jsonDocument(common: readonly CheckFinding[], projects: readonly Examined[]): string {
  const document = {
    status: worst(allOf(common, projects)),
    checks: common.map(asJson),
    projects: projects.map(({ name, id, requests, findings }) => ({
      name: printable(name),
      id: printable(id),
      status: worst(findings),
      requests,
      checks: findings.map(asJson),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
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

/** Names are chosen by people, and messages quote others: what could forge a line or a terminal command is taken out. */
function printable(text: string): string {
  return text.replaceAll(unprintable, '\uFFFD');
}
