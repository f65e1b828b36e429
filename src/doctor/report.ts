// Where findings go.
import { unprintable } from '../lib/unprintable.ts';
import type { CheckFinding } from './finding.ts';

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
export function printable(text: string): string {
  return text.replaceAll(new RegExp(unprintable, 'gu'), '\uFFFD');
}
