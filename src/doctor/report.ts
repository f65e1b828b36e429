// Findings as lines for people, or as one JSON document. Knows nothing of what is checked.
import { unprintable, wrapped } from '../lib/text.ts';
import { type CheckFinding, counted, type FindingStatus } from './finding.ts';

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

export function lastLine(common: readonly CheckFinding[], projects: readonly Examined[]): string {
  const all = [...common, ...projects.flatMap(({ findings }) => findings)];
  const count = (wanted: FindingStatus) => all.filter(({ status }) => status === wanted).length;
  const [failed, warned] = [count('fail'), count('warn')];
  const requests = projects.reduce((sum, project) => sum + project.requests, 0);
  return `\n${failed === 0 ? 'No check failed' : `${String(failed)} failed`}${
    warned > 0 ? `, ${counted(warned, 'warning')}` : ''
  }; requests made: ${String(requests)}.\n`;
}

export function jsonDocument(common: readonly CheckFinding[], projects: readonly Examined[]): string {
  const all = [...common, ...projects.flatMap(({ findings }) => findings)];
  const document = {
    status: worst(all),
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
