import { expect, test } from 'vitest';
import { decodeEgress } from '../../src/analytics/egress-state.ts';

test.each<[unknown, 0 | 1 | 2]>([
  [undefined, 0],
  [null, 0],
  [0, 0],
  ['0', 0],
  ['NEVER_STARTED', 0],
  ['neverStarted', 0],
  ['EGRESS_NOT_STARTED', 0],
  ['EGRESS_STATUS_UNSPECIFIED', 0],
  [1, 1],
  ['1', 1],
  ['active', 1],
  ['EGRESS_ACTIVE', 1],
  ['EGRESS_STATUS_ACTIVE', 1],
  ['EGRESS_STARTING', 1],
  ['EGRESS_ENDING', 1],
  ['egressActive', 1],
  [2, 2],
  ['2', 2],
  ['Ended', 2],
  ['EGRESS_STATUS_ENDED', 2],
  ['EGRESS_COMPLETE', 2],
  ['COMPLETED', 2],
  ['EGRESS_FAILED', 2],
  ['EGRESS_LIMIT_REACHED', 2],
])('%j is state %d', (given, want) => {
  expect(decodeEgress(given)).toBe(want);
});

test.each([
  'INACTIVE',
  'EGRESS_INACTIVE',
  'NOT_ACTIVE',
  '',
  'EGRESS',
  '3',
  3,
  -1,
  0.5,
  true,
  {},
  [],
  'constructor',
  '__proto__',
  `EGRESS${'_'.repeat(1000)}ACTIVE`,
])('%j is no state', (given) => {
  expect(decodeEgress(given)).toBeUndefined();
});
