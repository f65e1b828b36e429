// Session rows for tests: everything a test does not name is plain.
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ListedPart } from '../../src/core/session-source.ts';

/** 2026-11-20T12:00:00Z, Unix seconds: the noon at which most tests happen. */
export const noon = 1_795_176_000;

/** A running session of two participants in the room `lobby` that started ten minutes before noon. */
export function sessionRow(row: Partial<SessionRow> & { sessionId: string }): SessionRow {
  return {
    roomName: 'lobby',
    createdAt: noon - 600,
    lastActive: noon,
    endedAt: 0,
    bandwidthIn: 0,
    bandwidthOut: 0,
    egress: 0,
    participants: 2,
    activeParticipants: 2,
    ...row,
  };
}

/** A part of the list whose pages arrived at once; it holds what was needed and no more unless `coveredFrom` says so. */
export function listedPart(
  now: number,
  pages: readonly (readonly SessionRow[])[],
  coveredFrom = Infinity,
): ListedPart {
  return {
    startedAt: now,
    coveredFrom,
    listedFrom: coveredFrom,
    pages: pages.map((rows) => ({ rows, rejected: [], readAt: now, time: now })),
  };
}

/** Runs a computation made to be interrupted from start to end; returns of how many steps it is. */
export function stepsOf(steps: Generator<unknown, unknown>): number {
  let count = 1;
  while (!steps.next().done) count += 1;
  return count;
}

/** Runs a computation made to be interrupted from start to end. */
export function complete<Result>(steps: Generator<unknown, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
