// One poll of a source that has nothing to look for yet, for the tests of this folder.
import type { ReadPage, SessionSource } from '../../../src/core/session-source.ts';

const daySeconds = 86_400;

interface Window {
  /** How far back sessions are looked for, Unix seconds. */
  readonly from: number;
  /** Unix seconds. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onPage: (page: ReadPage) => void;
}

/** Reads all of the window, however many requests that takes. */
export async function readWindow(
  source: SessionSource,
  { from, now, signal, onPage }: Window,
): Promise<void> {
  const needs = {
    sessions: [],
    newFrom: now,
    unsettledDays: new Set([Math.floor(now / daySeconds)]),
    windowStart: from,
  };
  const parts = source.read({ needs, interval: Number.MAX_SAFE_INTEGER, signal, onPage });
  while (!(await parts.next()).done);
}
