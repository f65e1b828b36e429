// Runs `doctor --json` as a user does, and reads what it has found.
import { expect } from 'vitest';
import type { AtEnd } from '../at-end.ts';
import type { CheckFinding } from '../../src/doctor/findings.ts';
import { startProgram } from './running-program.ts';

interface Project {
  readonly name: string;
  readonly status: string;
  readonly requests: number;
  readonly checks: readonly CheckFinding[];
}

interface Document {
  readonly status: string;
  readonly checks: readonly CheckFinding[];
  readonly projects: readonly Project[];
}

interface Findings {
  /** All findings that are neither ok nor skipped. */
  readonly complaints: readonly CheckFinding[];
  /** The finding of a check, of the first project that has it. */
  finding(check: string): CheckFinding | undefined;
}

export interface Diagnosis extends Document, Findings {
  readonly exitCode: number | null | undefined;
  /** Of this name. */
  project(name: string): Project & Findings;
  readonly said: string;
}

function findings(all: readonly CheckFinding[]): Findings {
  return {
    complaints: all.filter(({ status }) => status === 'warn' || status === 'fail'),
    finding: (check) => all.find((finding) => finding.check === check),
  };
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
  const { checks, projects } = document;
  return {
    ...document,
    ...findings([...checks, ...projects.flatMap((project) => project.checks)]),
    exitCode,
    project(name) {
      const found = projects.find((project) => project.name === name) ?? expect.fail(`no project ${name}`);
      return { ...found, ...findings(found.checks) };
    },
    said: program.said,
  };
}
