import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRpcStatus } from '../../src/push/rpc-status.ts';
import { encodeStatus } from './wire.ts';
import { assertProperty } from '../property.ts';

it.each([
  { code: 3, message: 'invalid: Ünï', retryAfterSeconds: undefined },
  { code: 14, message: '', retryAfterSeconds: 2.5 },
  { code: 14, message: 'wait', retryAfterSeconds: 300 },
])('reads %o', ({ code, message, retryAfterSeconds }) => {
  expect(readRpcStatus(encodeStatus(code, message, retryAfterSeconds))).toEqual({
    message,
    retryAfterSeconds,
  });
});

it('reads what it can of anything', () => {
  const whole = encodeStatus(14, 'overloaded', 2.5);
  for (let length = 0; length < whole.length; length++) {
    const { message, retryAfterSeconds } = readRpcStatus(whole.subarray(0, length));
    expect(['', 'overloaded']).toContain(message);
    expect(retryAfterSeconds).toBeUndefined();
  }
  assertProperty(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const { message, retryAfterSeconds } = readRpcStatus(bytes);
      expect(typeof message).toBe('string');
      expect(retryAfterSeconds ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});
