// Nothing the client says, whatever the API answers, holds the secret or a token.
import { directly, recordRequests } from './recorded-requests.ts';
import { inspect } from 'node:util';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createAnalyticsSource } from '../../../src/livekit/list/analytics-source.ts';
import { SourceError } from '../../../src/core/source-error.ts';
import { readWindow } from '../list/read-window.ts';
import { settled } from './turns.ts';

const secret = 'hunter2-hunter2';

beforeAll(() => {
  nock.disableNetConnect();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  nock.cleanAll();
  vi.restoreAllMocks();
});

afterAll(() => {
  vi.useRealTimers();
  nock.enableNetConnect();
  nock.restore();
});

type Echo = (interceptor: nock.Interceptor, token: () => string) => void;

function answering(status: number, body: (token: string) => string, headers: nock.ReplyHeaders = {}): Echo {
  return (interceptor, token) => interceptor.reply(status, () => body(token()), headers);
}

const quoting = (token: string) => `not accepted: "${token}", signed with ${secret}`;

test.each<[string, Echo]>([
  ['a refusal', answering(401, quoting)],
  [
    'a refusal that hides it in control characters',
    answering(403, (token) => quoting(token).split('').join('\u0000')),
  ],
  ['a refusal about the plan', answering(403, (token) => `upgrade ${quoting(token)}`)],
  ['a refusal that is cut within it', answering(400, (token) => `${'x '.repeat(85)}${token}${secret}`)],
  ['an unknown project', answering(404, quoting)],
  ['a failing server', answering(500, quoting)],
  ['a full server', answering(429, quoting, { 'retry-after': '100' })],
  ['a redirect', answering(302, quoting, { location: `https://elsewhere.example/?token=${secret}` })],
  ['broken JSON', answering(200, quoting)],
  ['another shape', answering(200, (token) => JSON.stringify({ sessions: quoting(token) }))],
  ['an error instead of a page', answering(200, (token) => JSON.stringify({ error: [quoting(token)] }))],
  ['a list as the page', answering(200, (token) => JSON.stringify([quoting(token)]))],
  [
    'a network error',
    (interceptor) =>
      interceptor.replyWithError(new Error(`cannot send Bearer eyJhbGciOi.eyJpc3Mi.c2ln ${secret}`)),
  ],
])('%s that quotes token and secret', async (_, echo) => {
  let token = '';
  const interceptor = nock('https://api.example', {
    reqheaders: {
      authorization: (header) => {
        token = header.replace('Bearer ', '');
        return true;
      },
    },
  })
    .persist()
    .get('/api/project/p_1/sessions')
    .query(true);
  echo(interceptor, () => token);

  const observer = recordRequests();
  const { sessions: source } = createAnalyticsSource({
    url: 'https://api.example',
    projectId: 'p_1',
    apiKey: { read: () => 'APIkey' },
    apiSecret: { read: () => secret },
    pageSize: 100,
    concurrency: 4,
    requestsPerMinute: 100,
    requestTimeout: 10,
    http: directly('https://api.example'),
    observer,
    now: () => Date.now() / 1000,
  });
  const now = Date.now() / 1000;
  const ended = readWindow(source, {
    from: now,
    now,
    signal: new AbortController().signal,
    onPage: () => undefined,
  });
  const failure = await settled(ended, observer.idle);

  expect(failure).toBeInstanceOf(SourceError);
  const told = inspect([failure, observer.log, source], {
    depth: null,
    showHidden: true,
    maxStringLength: null,
  });
  expect(token).toMatch(/^eyJ.+\..+\..+$/);
  expect(observer.log.join()).not.toContain('timeout');
  for (const secretText of [secret, token, ...token.split('.'), 'hunter2', 'eyJ'])
    expect(told).not.toContain(secretText);
});
