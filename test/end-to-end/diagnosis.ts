// Runs `doctor --json` as a user does, and reads what it has found.
import { expect } from 'vitest';
import type { CheckFinding } from '../../src/doctor/finding.ts';
import { startProgram } from './running-program.ts';

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

export async function diagnose(
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<Diagnosis> {
  const program = startProgram(['doctor', '--json', ...flags], environment);
  const exitCode = await program.exit();
  expect(program.errorOutput).toBe('');
  const document = JSON.parse(program.output) as Document;
  const all = [...document.checks, ...document.projects.flatMap(({ checks }) => checks)];
  return {
    ...document,
    exitCode,
    complaints: all.filter(({ status }) => status === 'warn' || status === 'fail'),
    finding: (check) => all.find((finding) => finding.check === check),
    said: program.said,
  };
}
