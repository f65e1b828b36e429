import { describe, expect, test } from 'vitest';
import {
  checkApi,
  checkClock,
  checkCredentials,
  checkPlan,
  checkProjectId,
  checkSessionList,
} from '../../src/doctor/checks.ts';
import { fail, type Finding, type FindingStatus, ok, skip, warn } from '../../src/doctor/findings.ts';
import type { ProjectProbe } from '../../src/doctor/project-probe.ts';
import type { FailureReason } from '../../src/core/source-error.ts';
import { answering, probe, refusing } from './probes.ts';

const sides = { checkApi, checkCredentials, checkPlan, checkProjectId, checkSessionList };

/** What each check makes of an answer, in their order. */
async function statuses(symptoms: Partial<ProjectProbe>): Promise<FindingStatus[]> {
  const findings = await Promise.all(Object.values(sides).map((check) => check(probe(symptoms))));
  return findings.map(({ status }) => status);
}

test('a page of sessions proves everything', async () => {
  expect(await statuses({})).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
});

test.each<[FailureReason, number | undefined, FindingStatus[]]>([
  ['auth', undefined, ['skip', 'fail', 'skip', 'skip', 'skip']],
  ['auth', 401, ['ok', 'fail', 'skip', 'skip', 'skip']],
  ['auth', 403, ['ok', 'ok', 'fail', 'skip', 'skip']],
  ['plan', 403, ['ok', 'ok', 'fail', 'skip', 'skip']],
  ['plan', 402, ['ok', 'skip', 'fail', 'skip', 'skip']],
  ['plan', 401, ['ok', 'skip', 'fail', 'skip', 'skip']],
  ['not_found', 404, ['ok', 'skip', 'skip', 'fail', 'skip']],
  ['schema', 200, ['ok', 'skip', 'skip', 'skip', 'fail']],
  ['rate_limited', 429, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['server', 500, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['server', 302, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['timeout', undefined, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['timeout', 200, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['network', undefined, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['network', 403, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['network', 407, ['fail', 'skip', 'skip', 'skip', 'skip']],
  ['internal', undefined, ['fail', 'skip', 'skip', 'skip', 'skip']],
])('a failure for %s with status %s is found in one place alone', async (reason, status, want) => {
  expect(await statuses(refusing(reason, status))).toEqual(want);
  const findings = await Promise.all(
    Object.values(sides).map((check) => check(probe(refusing(reason, status)))),
  );
  expect(findings.filter((finding) => finding.status === 'fail')).toEqual([
    fail(`the message of ${reason}`, `the remedy of ${reason}`),
  ]);
});

test('what cannot be told names what has failed', async () => {
  expect(await checkPlan(probe(refusing('not_found', 404)))).toEqual(skip('not known: project id failed'));
});

describe('the API', () => {
  test.each<[number, number, Finding]>([
    [0.1, 10, ok('answered 200 in 100 ms')],
    [5, 10, ok('answered 200 in 5.0 s')],
    [
      5.1,
      10,
      warn(
        'answered 200 in 5.1 s, of 10.0 s that it has',
        'raise api.request_timeout, or set api.page_size to auto: the API needs longer for large pages',
      ),
    ],
  ])('that takes %f s of %f s', async (seconds, requestTimeout, finding) => {
    expect(await checkApi(probe({ ...answering({ seconds }), requestTimeout }))).toEqual(finding);
  });

  test('that refuses has answered', async () => {
    expect(await checkApi(probe(refusing('auth', 401)))).toEqual(ok('answered 401 in 100 ms'));
  });
});

describe('a clock', () => {
  const synchronize = 'let this machine keep time (NTP): beyond 60 s the API refuses its tokens';

  test.each<[number | undefined, Finding]>([
    [0, ok("the same as the API's")],
    [2, ok("2 s ahead of the API's")],
    [-9, ok("9 s behind the API's")],
    [10, warn("10 s ahead of the API's", synchronize)],
    [-60, warn("60 s behind the API's", synchronize)],
    [
      61,
      fail(
        "61 s ahead of the API's: tokens are refused beyond 60 s",
        "set this machine's clock: it is 61 s ahead of the API's, which makes tokens invalid",
      ),
    ],
    [
      -3600,
      fail(
        "3600 s behind the API's: tokens are refused beyond 60 s",
        "set this machine's clock: it is 3600 s behind the API's, which makes tokens invalid",
      ),
    ],
    [undefined, skip('no answer with a time')],
  ])('that is %s s off', async (clockSkew, finding) => {
    expect(await checkClock(probe(answering({ clockSkew })))).toEqual(finding);
  });

  test('is compared when the API refuses, too', async () => {
    expect(await checkClock(probe(refusing('server', 500, { clockSkew: 75 })))).toMatchObject({
      status: 'fail',
    });
  });
});

describe('the session list', () => {
  test.each<[string, Partial<ProjectProbe>, Finding]>([
    ['with rows', {}, ok('100 sessions on its first page of today')],
    ['with one row', answering({ rows: 1 }), ok('1 session on its first page of today')],
    ['without any', answering({ rows: 0 }), ok('no sessions today so far')],
    [
      'with rows that cannot be used',
      answering({ rows: 97, rejected: ['invalid_timestamp', 'invalid_number', 'invalid_timestamp'] }),
      warn(
        '3 of 100 rows cannot be used: invalid_timestamp, invalid_number',
        'look for a newer exporter; if there is none, report it',
      ),
    ],
    [
      'with no row that can be used',
      answering({ rows: 0, rejected: ['invalid_timestamp'] }),
      fail(
        'no row of the session list could be used: invalid_timestamp',
        'look for a newer exporter; if there is none, report it: the format of the Analytics API has changed',
      ),
    ],
  ])('%s', async (_, symptoms, finding) => {
    expect(await checkSessionList(probe(symptoms))).toEqual(finding);
  });
});
