import { expect, test } from 'vitest';
import { checkDetails } from '../../src/doctor/checks.ts';
import { fail, type Finding, ok, skip, warn } from '../../src/doctor/findings.ts';
import type { PollNeeds } from '../../src/doctor/project-probe.ts';
import { goodNeeds, probe } from './probes.ts';

const spare80 = 'the session list leaves about 80 requests per minute';

test.each<[string, Partial<NonNullable<PollNeeds['details']>>, Finding]>([
  ['every poll', {}, ok(`${spare80}: enough to read the details of the 30 active sessions with every poll`)],
  [
    'every poll, of one session',
    { active: 1 },
    ok(`${spare80}: enough to read the details of the active session with every poll`),
  ],
  [
    'some polls',
    { active: 300 },
    ok(`${spare80}: enough to read the details of the 300 active sessions every 240 s`),
  ],
  [
    'few polls',
    { active: 750 },
    warn(
      `${spare80}: enough to read the details of the 750 active sessions every 600 s`,
      'for details at most 300 s old set api.requests_per_minute to 175',
    ),
  ],
  [
    'no poll',
    { spare: 4 },
    fail(
      'the session list leaves about 4 requests per minute, and the sessions that end per minute need about 5: details would be given up',
      'set api.requests_per_minute to 107, or details.enabled to false',
    ),
  ],
  [
    'no poll, because nothing is left',
    { spare: 0, active: 0, endedPerMinute: 0.01 },
    fail(
      'the session list leaves about 0 requests per minute, and the sessions that end per minute need about 1: details would be given up',
      'set api.requests_per_minute to 102, or details.enabled to false',
    ),
  ],
])('a budget that suffices for details with %s', async (_, details, finding) => {
  const needs = { ...goodNeeds, details: { ...goodNeeds.details!, ...details } };
  expect(await checkDetails(probe({ needs: () => Promise.resolve(needs) }))).toEqual(finding);
});

test.each<[string, Partial<PollNeeds>]>([
  ['whose end was not found', { complete: false }],
  ['that was not looked at', { details: undefined }],
])('what details of a list take %s is not known', async (_, needs) => {
  expect(await checkDetails(probe({ needs: () => Promise.resolve({ ...goodNeeds, ...needs }) }))).toEqual(
    skip('not known within the budget'),
  );
});
