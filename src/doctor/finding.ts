// What a check has found, in words for people and as values for programs. No part of it ever holds a secret.
import type { SourceError } from '../core/source-error.ts';

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
