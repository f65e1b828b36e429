import { TokenVerifier } from 'livekit-server-sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AccessTokens } from '../../../src/livekit/client/access-token.ts';
import { SourceError } from '../../../src/core/source-error.ts';

const secret = 'a-secret-of-this-project';

function tokensWith(given: { key?: () => string; secret?: () => string }) {
  const time = { now: Date.now() / 1000 };
  const reads = { key: 0 };
  const tokens = new AccessTokens({
    apiKey: {
      read: () => {
        reads.key += 1;
        return given.key ? given.key() : 'APIkey';
      },
    },
    apiSecret: { read: given.secret ?? (() => secret) },
    now: () => time.now,
  });
  return { tokens, time, reads };
}

test('signs a token of ten minutes that may list rooms and nothing else', async () => {
  const { tokens } = tokensWith({});
  const claims = await new TokenVerifier('APIkey', secret).verify(await tokens.get());
  expect(claims.video).toEqual({ roomList: true });
  const { exp, nbf } = claims as { exp?: number; nbf?: number };
  // Whole seconds, taken one after the other.
  expect(exp! - nbf!).toBeGreaterThanOrEqual(599);
  expect(exp! - nbf!).toBeLessThanOrEqual(600);
});

test('signs once for many requests at the same time', async () => {
  const { tokens, reads } = tokensWith({});
  const all = await Promise.all([tokens.get(), tokens.get(), tokens.get()]);
  expect(new Set(all).size).toBe(1);
  expect(reads.key).toBe(1);
});

test.each([
  { name: 'keeps a token while more than two minutes are left', seconds: 479, renewed: false },
  { name: 'renews a token when two minutes are left', seconds: 480, renewed: true },
  { name: 'renews a token when the clock was set back', seconds: -3600, renewed: true },
])('$name', async ({ seconds, renewed }) => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { tokens, time } = tokensWith({});
  const before = await tokens.get();
  time.now += seconds;
  vi.setSystemTime(time.now * 1000);
  expect((await tokens.get()) !== before).toBe(renewed);
});

test.each([
  { name: 'key', changed: { key: 'APIafter' } },
  { name: 'secret', changed: { secret: 'the-secret-after-rotation' } },
])(
  'looks at the credentials at most once a second, and signs anew after the $name changed',
  async ({ changed }) => {
    const credentials = { key: 'APIkey', secret };
    const { tokens, time, reads } = tokensWith({
      key: () => credentials.key,
      secret: () => credentials.secret,
    });
    const before = await tokens.get();
    Object.assign(credentials, changed);
    time.now += 0.9;
    expect(await tokens.get()).toBe(before);
    expect(reads.key).toBe(1);
    time.now += 0.1;
    const token = await tokens.get();
    const verifier = new TokenVerifier(credentials.key, credentials.secret);
    await expect(verifier.verify(token)).resolves.toBeDefined();
  },
);

test('goes on with its token while the credentials cannot be read', async () => {
  const credentials = { secret: (): string => secret };
  const { tokens, time } = tokensWith({ secret: () => credentials.secret() });
  const before = await tokens.get();
  credentials.secret = () => {
    throw new Error('the file is being replaced');
  };
  time.now += 60;
  expect(await tokens.get()).toBe(before);
});

test('reads the credentials again after a refusal', async () => {
  const credentials = { secret };
  const { tokens } = tokensWith({ secret: () => credentials.secret });
  const refused = await tokens.get();
  credentials.secret = 'the-secret-after-rotation';
  tokens.refused(refused);
  const token = await tokens.get();
  await expect(new TokenVerifier('APIkey', credentials.secret).verify(token)).resolves.toBeDefined();
});

test('keeps a token when an older one was refused', async () => {
  const { tokens, reads } = tokensWith({});
  await tokens.get();
  tokens.refused('an older token');
  await tokens.get();
  expect(reads.key).toBe(1);
});

test.each([
  {
    name: 'a key that cannot be read',
    given: { key: () => fail('ENOENT: no such file or directory, open /run/secrets/livekit_api_key') },
    message:
      'the API key could not be read: ENOENT: no such file or directory, open /run/secrets/livekit_api_key',
  },
  {
    name: 'a secret that cannot be read',
    given: { secret: () => fail('EACCES') },
    message: 'the API secret could not be read: EACCES',
  },
  { name: 'an empty key', given: { key: () => '' }, message: 'the API key is empty' },
  { name: 'an empty secret', given: { secret: () => '' }, message: 'the API secret is empty' },
])('says what is wrong with $name', async ({ given, message }) => {
  const failure: unknown = await tokensWith(given)
    .tokens.get()
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SourceError);
  expect(failure).toMatchObject({
    reason: 'auth',
    message,
    remedy: expect.stringContaining('API key and secret'),
  });
});

test('recovers when the credentials can be read again', async () => {
  const credentials = { missing: true };
  const { tokens } = tokensWith({ key: () => (credentials.missing ? fail('ENOENT') : 'APIkey') });
  await expect(tokens.get()).rejects.toThrow('ENOENT');
  credentials.missing = false;
  await expect(tokens.get()).resolves.toBeTypeOf('string');
});

test.each([
  { key: 'APIabcdefghijkl', secret, swapped: false, shown: ['APIabcdefghijkl'] },
  { key: secret, secret: 'APIabcdefghijkl', swapped: true, shown: [] },
  { key: 'APIabcdefghijkl', secret: 'APImnopqrstuvwx', swapped: false, shown: ['APIabcdefghijkl'] },
  { key: 'devkey', secret, swapped: false, shown: [] },
])('takes $key and $secret for swapped: $swapped', async (given) => {
  const { tokens } = tokensWith({ key: () => given.key, secret: () => given.secret });
  expect(tokens.seemSwapped()).toBe(false);
  expect(tokens.secrets()).toEqual([]);
  const jwt = await tokens.get();
  expect(tokens.seemSwapped()).toBe(given.swapped);
  const mayBeShown = [given.key, given.secret, jwt].filter((text) => !tokens.secrets().includes(text));
  expect(mayBeShown).toEqual(given.shown);
});

function fail(message: string): never {
  throw new Error(message);
}
