import { expect, test } from 'vitest';
import type { CheckFinding } from '../../src/doctor/findings.ts';
import type { ProjectProbe } from '../../src/doctor/project-probe.ts';
import { examine } from '../../src/doctor/checks.ts';
import { failing, failingAt, probe, refusing } from './probes.ts';

function findings(symptoms: Partial<ProjectProbe> = {}): Promise<CheckFinding[]> {
  return examine(probe(symptoms));
}

async function statuses(symptoms: Partial<ProjectProbe>): Promise<Record<string, string>> {
  return Object.fromEntries((await findings(symptoms)).map(({ check, status }) => [check, status]));
}

const healthy = {
  proxy: 'ok',
  authorities: 'ok',
  'name resolution': 'ok',
  connection: 'ok',
  API: 'ok',
  clock: 'ok',
  'key and secret': 'ok',
  'grant and plan': 'ok',
  'project id': 'ok',
  'session list': 'ok',
  requests: 'ok',
};
const proxy = {
  address: 'http://proxy:3128',
  variable: 'HTTPS_PROXY',
  credentials: undefined,
  exemptBy: 'NO_PROXY',
};
const answerSkipped = {
  'key and secret': 'skip',
  'grant and plan': 'skip',
  'project id': 'skip',
  'session list': 'skip',
  requests: 'skip',
};
const apiSkipped = { API: 'skip', clock: 'skip', ...answerSkipped };

test('a healthy project has a finding of each check, in their order', async () => {
  expect((await findings()).map(({ check }) => check)).toEqual(Object.keys(healthy));
});

test('details have a check where they are read', async () => {
  expect((await findings({ readsDetails: true })).map(({ check }) => check)).toEqual([
    ...Object.keys(healthy),
    'session details',
  ]);
  const found = await findings({ readsDetails: true, ...refusing('plan', 403) });
  expect(found.at(-1)).toMatchObject({ check: 'session details', status: 'skip' });
});

test('the cost of the month has a check where a plan says what it costs', async () => {
  expect((await findings({ unmeasured: [] })).at(-1)).toEqual({
    check: 'cost of the month',
    status: 'ok',
    message: 'all its parts are measured',
  });
  const unmeasured = [
    { meter: 'connection minutes', remedy: 'details.enabled to true' },
    { meter: 'egress minutes', remedy: 'the url of the project (LIVEKIT_URL)' },
  ];
  expect((await findings({ unmeasured })).at(-1)).toEqual({
    check: 'cost of the month',
    status: 'warn',
    message: 'without connection minutes and egress minutes: they are not measured',
    remedy: 'set details.enabled to true, and the url of the project (LIVEKIT_URL)',
  });
});

test.each<[string, Partial<ProjectProbe>, Record<string, string>]>([
  ['nothing', {}, {}],
  [
    'the proxy',
    { proxy, ...failingAt('proxy', 'network') },
    { proxy: 'fail', 'name resolution': 'skip', connection: 'skip', ...apiSkipped },
  ],
  [
    'the name',
    { addresses: failing('network') },
    { 'name resolution': 'fail', connection: 'skip', ...apiSkipped },
  ],
  ['the connection', failingAt('connection', 'network'), { connection: 'fail', ...apiSkipped }],
  ['the API', refusing('server', 500), { API: 'fail', ...answerSkipped }],
  ['the key', refusing('auth', 401), { ...answerSkipped, 'key and secret': 'fail' }],
  ['the plan', refusing('plan', 403), { ...answerSkipped, 'key and secret': 'ok', 'grant and plan': 'fail' }],
  ['the list', refusing('schema', 200), { ...answerSkipped, 'session list': 'fail' }],
  ['the look over the list', { needs: failing('server') }, { requests: 'fail' }],
  [
    'authorities that are not needed',
    {
      authorities: () => Promise.resolve([{ variable: 'V', path: '/v', certificates: [], problem: 'odd' }]),
    },
    { authorities: 'fail' },
  ],
])('after a failure of %s only what makes sense is checked', async (_, symptoms, want) => {
  expect(await statuses(symptoms)).toEqual({ ...healthy, ...want });
});

test('what was not checked names the failure behind it', async () => {
  const found = await findings({ addresses: failing('network') });
  expect(found.filter(({ status }) => status === 'skip').map(({ message }) => message)).toEqual(
    Array.from({ length: 8 }, () => 'not checked: name resolution failed'),
  );
  expect(found.find(({ status }) => status === 'fail')).toEqual({
    check: 'name resolution',
    status: 'fail',
    message: 'the message of network',
    remedy: 'the remedy of network',
  });
});

test('a defect is not taken for a finding', async () => {
  await expect(findings({ addresses: () => Promise.reject(new TypeError('defect')) })).rejects.toThrow(
    'defect',
  );
});
