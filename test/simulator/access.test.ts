import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  apiKey,
  apiSecret,
  listPath,
  now,
  simulate,
  worldOf,
} from '../simulator-support/running-simulator.ts';

const good = { iss: apiKey, nbf: now, exp: now + 300, video: { roomList: true } };

/** A token put together by hand, by the simulated clock: with claims the SDK would not sign. */
function token(claims: object, secret = apiSecret): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256' })}.${encode({ ...good, ...claims })}`;
  return `Bearer ${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const withoutClaim = undefined;

describe('access', () => {
  const table = [
    {
      name: 'the right key, secret, time and grant',
      authorization: token({}),
      status: 200,
      says: 'sessions',
    },
    { name: 'no token', authorization: '', status: 401, says: 'no bearer token' },
    { name: 'another scheme', authorization: 'Basic YTpi', status: 401, says: 'no bearer token' },
    { name: 'nonsense', authorization: 'Bearer a.b.c', status: 401, says: 'invalid' },
    { name: 'another secret', authorization: token({}, 'x'), status: 401, says: 'signature' },
    { name: 'another key', authorization: token({ iss: 'APIother' }), status: 401, says: 'iss' },
    { name: 'no grant', authorization: token({ video: withoutClaim }), status: 403, says: 'roomList' },
    {
      name: 'another grant',
      authorization: token({ video: { roomJoin: true } }),
      status: 403,
      says: 'roomList',
    },
    {
      name: 'the grant as a text',
      authorization: token({ video: { roomList: 'true' } }),
      status: 403,
      says: 'roomList',
    },
    {
      name: 'expired within the leeway of a minute',
      authorization: token({ exp: now - 59 }),
      status: 200,
      says: '',
    },
    { name: 'expired', authorization: token({ exp: now - 61 }), status: 401, says: 'has expired' },
    {
      name: 'early within the leeway of a minute',
      authorization: token({ nbf: now + 59 }),
      status: 200,
      says: '',
    },
    { name: 'too early', authorization: token({ nbf: now + 61 }), status: 401, says: 'not valid yet' },
    { name: 'no expiry', authorization: token({ exp: withoutClaim }), status: 401, says: 'exp' },
  ];
  it.each(table)('with $name: $status', async ({ authorization, status, says }) => {
    const simulator = await simulate(worldOf(1), { tokenNow: () => now });
    const response = await simulator.get(listPath, { headers: { Authorization: authorization } });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(says);
  });

  it('with a token of LiveKit’s SDK: 200', async () => {
    expect((await (await simulate(worldOf(1))).get(listPath)).status).toBe(200);
  });
});
