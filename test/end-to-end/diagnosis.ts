// Runs `doctor --json` as a user does, and reads what it has found.
import { expect } from 'vitest';
import type { CheckFinding } from '../../src/doctor/finding.ts';
import { startProgram } from './running-program.ts';
import type { AtEnd } from './simulated-api.ts';

interface Document {
  readonly status: string;
  readonly checks: readonly CheckFinding[];
  readonly projects: readonly {
    readonly name: string;
    readonly status: string;
    readonly requests: number;
    readonly checks: readonly CheckFinding[];
  }[];
}

export interface Diagnosis extends Document {
  readonly exitCode: number | null | undefined;
  /** All findings that are neither ok nor skipped. */
  readonly complaints: readonly CheckFinding[];
  /** The finding of a check, of the first project that has it. */
  finding(check: string): CheckFinding | undefined;
  readonly said: string;
}

export function complaintsAmong(findings: readonly CheckFinding[]): readonly CheckFinding[] {
  return findings.filter(({ status }) => status === 'warn' || status === 'fail');
}

export async function diagnose(
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
  atEnd?: AtEnd,
): Promise<Diagnosis> {
  const program = startProgram(['doctor', '--json', ...flags], environment, atEnd);
  const exitCode = await program.exit();
  expect(program.errorOutput).toBe('');
  const document = JSON.parse(program.output) as Document;
  const all = [...document.checks, ...document.projects.flatMap(({ checks }) => checks)];
  return {
    ...document,
    exitCode,
    complaints: complaintsAmong(all),
    finding: (check) => all.find((finding) => finding.check === check),
    said: program.said,
  };
}
