// What is said of session details that cannot be read: nothing of the people they are about, and what helps.
import { accessTo } from '../client/recorded-requests.ts';
import nock from 'nock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiClient } from '../../../src/livekit/client/api-client.ts';
import type { DetailsSource } from '../../../src/core/session-source.ts';
import { createAnalyticsSource, createDetailsSource } from '../../../src/livekit/list/analytics-source.ts';
import { noon } from '../../core/session-rows.ts';

const url = 'http://api.example';
const path = '/api/project/p_1/sessions/RM_1';

let access: ApiClient;
let source: DetailsSource;

beforeEach(() => {
  nock.disableNetConnect();
  access = new ApiClient(accessTo(url));
  // The list needs next to nothing.
  access.budget.pollBegins();
  access.budget.pollEnds(30);
  source = createDetailsSource(access);
});

afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

const read = () => source.read('RM_1', new AbortController().signal);

const quoting = JSON.stringify({ msg: 'ada@example.org (Ada) is not there', participantName: 'Ada' });

it.each([
  { status: 404, body: quoting, reason: 'not_found', remedy: /set details\.enabled to false/ },
  { status: 500, body: quoting, reason: 'server', remedy: /status\.livekit\.io/ },
  { status: 403, body: `${quoting} without a plan`, reason: 'plan', remedy: /upgrade the plan/ },
  { status: 504, body: quoting, reason: 'timeout', remedy: /raise api\.request_timeout/ },
  { status: 200, body: quoting.slice(0, 40), reason: 'schema', remedy: /check that api\.url/ },
  { status: 200, body: quoting, reason: 'schema', remedy: /check that api\.url/ },
])(
  '$status with words about somebody is $reason, without these words',
  async ({ status, body, reason, remedy }) => {
    nock(url).get(path).reply(status, body);
    const failure = await read().catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason, remedy: expect.stringMatching(remedy) as string });
    const { message, remedy: said } = failure as { message: string; remedy: string };
    expect(`${message} ${said}`).not.toMatch(/Ada|ada@|page_size/);
  },
);

it('takes a request of the budget, and says what the next one waits for', async () => {
  nock(url).get(path).reply(200, { roomId: 'RM_1' });
  await read();
  expect(access.budget.recent()).toBe(1);
  const { waitsFor } = createAnalyticsSource({ ...accessTo(url), pageSize: 10, concurrency: 1 });
  expect(waitsFor()).toBe('an answer');
});

it('asks once, for it is asked again anyway', async () => {
  nock(url).get(path).twice().reply(500);
  await expect(read()).rejects.toMatchObject({ reason: 'server' });
  // The second answer was not asked for.
  expect(nock.pendingMocks()).toHaveLength(1);
});

it('says when it was asked for, and what of the answer could not be used', async () => {
  const date = new Date((noon - 3) * 1000).toUTCString();
  nock(url)
    .get(path)
    .reply(200, { roomId: 'RM_1', participants: ['Ada'] }, { date });
  expect(await read()).toMatchObject({
    rejected: ['not_an_object'],
    details: { unusable: 1 },
    sentAt: noon,
    time: noon - 3,
  });
});
