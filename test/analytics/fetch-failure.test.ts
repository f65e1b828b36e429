import { describe, expect, test } from 'vitest';
import { attemptTimedOut, fetchFailure } from '../../src/analytics/fetch-failure.ts';

const url = new URL('https://api.example:8443/api/project/p_1/sessions?page=3');

function coded(code: string, message = 'some text') {
  return Object.assign(new Error(message), { code });
}

function fetchFailed(cause: unknown) {
  return new TypeError('fetch failed', { cause });
}

test.each<[string, unknown, string, string]>([
  ['an unknown host', fetchFailed(coded('ENOTFOUND')), 'network', 'failed: ENOTFOUND'],
  ['a closed port', fetchFailed(coded('ECONNREFUSED')), 'network', 'failed: ECONNREFUSED'],
  ['a closed port, raw', coded('ECONNREFUSED'), 'network', 'failed: ECONNREFUSED'],
  [
    'closed ports of two addresses',
    fetchFailed(Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' })),
    'network',
    'failed: ECONNREFUSED',
  ],
  ['a reset', fetchFailed(coded('ECONNRESET')), 'network', 'failed: ECONNRESET'],
  [
    'a body cut short',
    new TypeError('terminated', { cause: coded('UND_ERR_SOCKET') }),
    'network',
    'failed: UND_ERR_SOCKET',
  ],
  ['an old certificate', fetchFailed(coded('CERT_HAS_EXPIRED')), 'network', 'failed: CERT_HAS_EXPIRED'],
  [
    'a cause within a cause',
    fetchFailed(new Error('outer', { cause: coded('EPIPE') })),
    'network',
    'failed: EPIPE',
  ],
  ['an error without code', new Error('socket hang up'), 'network', 'failed: socket hang up'],
  ['no error at all', 'odd', 'network', 'failed: odd'],
  [
    'a slow connection',
    fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT')),
    'timeout',
    'timed out (UND_ERR_CONNECT_TIMEOUT)',
  ],
  [
    'slow headers',
    fetchFailed(coded('UND_ERR_HEADERS_TIMEOUT')),
    'timeout',
    'timed out (UND_ERR_HEADERS_TIMEOUT)',
  ],
  [
    'a slow body',
    new TypeError('terminated', { cause: coded('UND_ERR_BODY_TIMEOUT') }),
    'timeout',
    'timed out (UND_ERR_BODY_TIMEOUT)',
  ],
  ['a timeout of the system', fetchFailed(coded('ETIMEDOUT')), 'timeout', 'timed out (ETIMEDOUT)'],
  [
    'a timeout signal',
    new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
    'timeout',
    'timed out (TimeoutError)',
  ],
])('%s', (_, error, reason, words) => {
  expect(fetchFailure(url, error, [])).toMatchObject({
    reason,
    message: `GET https://api.example:8443/api/project/p_1/sessions ${words}`,
    retriable: true,
  });
});

test('ends on causes that go round in circles', () => {
  const error = new Error('round');
  error.cause = error;
  expect(fetchFailure(url, error, []).message).toContain('round');
});

test('an attempt that took too long names its timeout', () => {
  expect(attemptTimedOut(url, 10)).toMatchObject({
    reason: 'timeout',
    message: expect.stringContaining('within 10 s'),
    remedy: expect.stringContaining('api.request_timeout'),
  });
});

describe('the remedy', () => {
  test.each([
    ['ENOTFOUND', 'api.example was not found'],
    ['EAI_AGAIN', 'api.example was not found'],
    ['ECONNREFUSED', 'may connect to api.example:8443'],
    ['CERT_HAS_EXPIRED', 'certificate'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'certificate'],
    ['UND_ERR_CONNECT_TIMEOUT', 'the way to api.example:8443'],
  ])('for %s says %j', (code, words) => {
    expect(fetchFailure(url, fetchFailed(coded(code)), []).remedy).toContain(words);
  });
});
