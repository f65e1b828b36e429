// The goals of what polls may cost.
import type { LoadShape } from './load.ts';
import { servers, type ServerKind } from './load-list.ts';

/** 50,000 sessions in 7 days, 8,000 of them today, 500 open. */
export const goalShape: LoadShape = { name: 'the goal', before: 42_000, today: 8000, open: 500 };

/** Requests of a poll to pages of 100 rows that hold an open session, at most, counted over many polls. */
export const goalRatios = new Map<ServerKind, number>([
  [servers.gives1000, 0.35],
  [servers.late400, 0.7],
  [servers.caps100, 1.5],
]);

export const mostTimeoutsAnHour = 2;
