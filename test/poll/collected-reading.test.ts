import { expect, test } from 'vitest';
import { Reading } from '../../src/core/reading.ts';
import { CollectedReading } from '../../src/poll/collected-reading.ts';
import { noon, sessionRow } from '../core/session-rows.ts';

const unusable = { rows: [], rejected: ['invalid_session_id'] } as const;

test('gives up after 20 pages without a row that can be used', () => {
  const collected = new CollectedReading(new Reading(noon), noon);
  for (let page = 0; page < 19; page++) collected.add(unusable, noon);
  expect(() => collected.add(unusable, noon)).toThrow(
    'no row of the session list could be used: invalid_session_id',
  );
});

test('goes on for as long as it takes when one row could be used', () => {
  const collected = new CollectedReading(new Reading(noon), noon);
  collected.add({ rows: [sessionRow({ sessionId: 'RM_1' })], rejected: [] }, noon);
  for (let page = 0; page < 100; page++) collected.add(unusable, noon);
  expect(collected.progress).toMatchObject({ pages: 101, rows: 1 });
});
