// The goal of what polls may cost.
import type { LoadShape } from './load.ts';

/** 50,000 sessions in 7 days, 8,000 of them today, 500 open. */
export const goalShape: LoadShape = { name: 'the goal', before: 42_000, today: 8000, open: 500 };

/** Requests of a poll to pages that hold an open session, at most, counted over many polls. */
export const goalRatio = 1.5;
