// Which pages of egresses are asked for, and when they are not all there are; answers that are
// no JSON, and refusals.
import { accessTo } from '../client/recorded-requests.ts';
import nock from 'nock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LiveSource } from '../../../src/core/live.ts';
import { ApiClient } from '../../../src/livekit/client/api-client.ts';
import { createLiveSource, serverUrl } from '../../../src/livekit/live/live-source.ts';
import { serverPaths } from '../../../src/livekit/wire/wire.ts';
import { noon } from '../../core/session-rows.ts';

const url = 'http://acme.example';

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

/** The ids of the egresses that are read where this page follows a token; the number of the next one is its token. */
async function read(pageAfter: (token: string) => { id: string; next: string }): Promise<string[]> {
  nock(url)
    .persist()
    .post(serverPaths.egresses)
    .reply(200, (_, body) => {
      const { page_token: { token = '' } = {} } = body as { page_token?: { token?: string } };
      const { id, next } = pageAfter(token);
      return { items: [{ egress_id: id, status: 'EGRESS_ACTIVE' }], next_page_token: { token: next } };
    });
  const { egresses } = await source().readEgresses(new AbortController().signal);
  return egresses.map(({ egressId }) => egressId);
}

function source(access = new ApiClient({ ...accessTo(url), requestsPerMinute: 100_000 })): LiveSource {
  return createLiveSource(access);
}

const pages = (last: number) => (token: string) => ({
  id: `EG_${token || '0'}`,
  next: Number(token) < last ? String(Number(token) + 1) : '',
});

it('reads egresses to the last of many pages', async () => {
  const ids = await read(pages(60));
  expect(ids).toHaveLength(61);
  expect(ids.at(-1)).toBe('EG_60');
});

it('reads both of two pages, as old as the first, each with a request of the budget', async () => {
  const answer = (seconds: number, items: object[], next: object = {}) =>
    nock(url)
      .post(serverPaths.egresses)
      .reply(200, { items, ...next }, { Date: new Date((noon - seconds) * 1000).toUTCString() });
  answer(5, [{ egress_id: 'EG_1', status: 'EGRESS_ACTIVE' }], { next_page_token: 'next' });
  answer(3, [{ status: 'EGRESS_ACTIVE' }]);
  const access = new ApiClient(accessTo(url));
  expect(await source(access).readEgresses(new AbortController().signal)).toEqual({
    egresses: [{ egressId: 'EG_1', status: 'active', startedAt: 0, endedAt: 0 }],
    rejected: ['invalid_egress'],
    time: noon - 5,
  });
  expect(access.budget.recent()).toBe(2);
});

it.each([
  ['wss://acme.livekit.cloud', 'https://acme.livekit.cloud'],
  ['WS://127.0.0.1:7880', 'http://127.0.0.1:7880'],
  ['https://acme.example/ws:1', 'https://acme.example/ws:1'],
])('%s is asked at %s', (given, want) => {
  expect(serverUrl(given)).toBe(want);
});

it.each([
  ['a server that answers with the first page whatever is asked', () => ({ id: 'EG_0', next: 'a' })],
  [
    'a server whose pages go round in a circle',
    (token: string) => ({ id: `EG_${token}`, next: token === 'a' ? 'b' : 'a' }),
  ],
  ['more pages than are ever read', pages(Infinity)],
])('takes no part of the egresses for all of them: %s', async (_, pageAfter) => {
  await expect(read(pageAfter)).rejects.toMatchObject({
    reason: 'schema',
    message: expect.stringContaining('the list of egresses') as string,
    remedy: expect.stringContaining('live.egress') as string,
  });
});

it.each([
  ['that ends early', '{"rooms":[{"sid":"RM_1","name":"the-secret-of-p_1'],
  ['that ends after a room', '{"rooms":[{"sid":"RM_1"}'],
  ['of no bytes', ''],
  ['that is a word', 'the-secret-of-p_1'],
])('calls an answer %s no JSON, which may pass, and quotes nothing of it', async (_, body) => {
  nock(url).post(serverPaths.rooms).reply(200, body);
  nock(url)
    .post(serverPaths.rooms)
    .reply(200, { rooms: [{ sid: 'RM_1', name: 'lobby' }] });
  const { signal } = new AbortController();
  await expect(source().readRooms(signal)).resolves.toMatchObject({ rooms: [{ sessionId: 'RM_1' }] });

  nock(url).persist().post(serverPaths.rooms).reply(200, body);
  const refused = expect(source().readRooms(signal)).rejects;
  await refused.toMatchObject({
    reason: 'schema',
    message: `POST ${url}${serverPaths.rooms} answered ${body.length} bytes that are not JSON, or not all of it (after 3 attempts)`,
    remedy: expect.stringContaining('url is the project') as string,
  });
});

it.each([
  { cause: 'a key of another project', date: noon, words: 'belong to the project at url' },
  { cause: 'a clock that is off', date: noon - 1200, words: "set this machine's clock: it is 1200 s ahead" },
])('names $cause as what is to be mended', async ({ date, words }) => {
  const headers = { Date: new Date(date * 1000).toUTCString() };
  nock(url).persist().post(/twirp/).reply(401, { code: 'unauthenticated', msg: 'invalid token' }, headers);
  const { signal } = new AbortController();
  const refusal = { reason: 'auth', remedy: expect.stringContaining(words) as string };
  await expect(source().readRooms(signal)).rejects.toMatchObject(refusal);
  await expect(source().readEgresses(signal)).rejects.toMatchObject(refusal);
});
