import { describe, expect, test } from 'vitest';
import { exchangeFailure, lateAttempt } from '../../../src/livekit/client/request-failure.ts';
import { ConnectionError } from '../../../src/network/http-client.ts';

const url = new URL('https://api.example:8443/api/project/p_1/sessions?page=3');

/** As Node has it for a host of two addresses. */
function unreachable() {
  const errors = [
    Object.assign(coded('ETIMEDOUT'), { address: '10.9.0.2', port: 8443 }),
    Object.assign(coded('ENETUNREACH'), { address: '2001:db8::1', port: 8443 }),
  ];
  return Object.assign(new AggregateError(errors), { code: 'ETIMEDOUT' });
}

function coded(code: string, message = 'some text') {
  return Object.assign(new Error(message), { code });
}

test.each<[string, unknown, string, string]>([
  ['an unknown host', coded('ENOTFOUND'), 'network', 'failed: ENOTFOUND'],
  ['a closed port', coded('ECONNREFUSED'), 'network', 'failed: ECONNREFUSED'],
  [
    'closed ports of two addresses',
    Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
    'network',
    'failed: ECONNREFUSED',
  ],
  ['a reset', coded('ECONNRESET'), 'network', 'failed: ECONNRESET'],
  [
    'no answer before the end',
    new TypeError('fetch failed', { cause: coded('UND_ERR_SOCKET', 'other side closed') }),
    'network',
    'failed: UND_ERR_SOCKET, the connection ended before the answer did',
  ],
  [
    'a body cut short',
    new TypeError('terminated', { cause: coded('UND_ERR_SOCKET', 'other side closed') }),
    'network',
    'failed: UND_ERR_SOCKET, the connection ended before the answer did',
  ],
  [
    'no HTTP',
    coded('HPE_INVALID_CONSTANT'),
    'network',
    'failed: HPE_INVALID_CONSTANT, the answer is not HTTP',
  ],
  [
    'too many headers',
    coded('UND_ERR_HEADERS_OVERFLOW'),
    'network',
    'failed: UND_ERR_HEADERS_OVERFLOW, the headers of the answer are too long',
  ],
  ...['Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR__ERROR_FORMAT_PADDING_1'].map(
    (code): [string, unknown, string, string] => [
      `a body that is not compressed as it says, ${code}`,
      coded(code),
      'network',
      `failed: ${code}, the body cannot be decompressed`,
    ],
  ),
  [
    'an old certificate',
    coded('CERT_HAS_EXPIRED'),
    'network',
    'failed: CERT_HAS_EXPIRED, the certificate of api.example:8443 has expired',
  ],
  [
    'a certificate from the future',
    coded('CERT_NOT_YET_VALID'),
    'network',
    'failed: CERT_NOT_YET_VALID, the certificate of api.example:8443 is not valid yet',
  ],
  [
    'a certificate for another name',
    coded('ERR_TLS_CERT_ALTNAME_INVALID'),
    'network',
    'failed: ERR_TLS_CERT_ALTNAME_INVALID, the certificate of api.example:8443 is for another name',
  ],
  ...[
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_UNTRUSTED',
  ].map((code): [string, unknown, string, string] => [
    `an authority that is not trusted, ${code}`,
    coded(code),
    'network',
    `failed: ${code}, the certificate of api.example:8443 is signed by an authority that is not trusted`,
  ]),
  [
    'a certificate that was taken back',
    coded('CERT_REVOKED'),
    'network',
    'failed: CERT_REVOKED, the certificate of api.example:8443 was not accepted',
  ],
  ['a cause within a cause', new Error('outer', { cause: coded('EPIPE') }), 'network', 'failed: EPIPE'],
  ['an error without code', new Error('went wrong'), 'network', 'failed: went wrong'],
  [
    'a proxy on the way',
    new Error('answered 407'),
    'network',
    'failed: answered 407, a proxy in front of api.example:8443 requires a user and password',
  ],
  ['no error at all', 'odd', 'network', 'failed: odd'],
  ['an error without words', new Error(''), 'network', 'failed: for no reason given'],
  [
    'addresses that do not answer',
    new TypeError('fetch failed', { cause: new ConnectionError(unreachable()) }),
    'network',
    'failed: ETIMEDOUT, tried 10.9.0.2:8443 (ETIMEDOUT) and [2001:db8::1]:8443 (ENETUNREACH)',
  ],
])('%s', (_, error, reason, words) => {
  expect(exchangeFailure({ url }, error, [])).toMatchObject({
    reason,
    message: `GET https://api.example:8443/api/project/p_1/sessions ${words}`,
    retriable: true,
    timedOut: false,
  });
});

test('knows whether anything was sent to the API', () => {
  expect(exchangeFailure({ url }, coded('ECONNRESET'), []).failedAt).toBeUndefined();
  expect(exchangeFailure({ url }, new ConnectionError(coded('ECONNREFUSED')), []).failedAt).toBe(
    'connection',
  );
});

test('does not repeat the address of the URL', () => {
  const refused = Object.assign(coded('ECONNREFUSED'), { address: '10.9.0.2', port: 8443 });
  const asked = { url: new URL('https://10.9.0.2:8443/api') };
  expect(exchangeFailure(asked, new ConnectionError(refused), []).message).toBe(
    'GET https://10.9.0.2:8443/api failed: ECONNREFUSED',
  );
});

test('ends on causes that go round in circles', () => {
  const error = new Error('round');
  error.cause = error;
  expect(exchangeFailure({ url }, error, []).message).toContain('round');
});

describe('a failure at the proxy', () => {
  const given = { variable: 'HTTPS_PROXY', address: 'http://proxy:3128', credentials: undefined };
  const refused = (status: number, credentials?: string) =>
    new ConnectionError(undefined, { ...given, credentials }, status);
  const broken = (cause: Error) => new ConnectionError(cause, given);

  test.each<[string, unknown, string, string, boolean]>([
    [
      'that wants to know who asks',
      refused(407),
      'failed: the proxy http://proxy:3128 answered 407',
      'put the user and password of the proxy into HTTPS_PROXY',
      false,
    ],
    [
      'that does not accept who asks',
      refused(407, 'user:hunter2'),
      'failed: the proxy http://proxy:3128 answered 407',
      'check the user and password of the proxy in HTTPS_PROXY',
      false,
    ],
    [
      'that allows no connection',
      refused(403),
      'failed: the proxy http://proxy:3128 answered 403',
      'let the proxy allow connections to api.example:8443, or name api.example in NO_PROXY',
      false,
    ],
    [
      'that finds no way',
      refused(500),
      'failed: the proxy http://proxy:3128 answered 500',
      'check that the proxy can reach api.example:8443',
      true,
    ],
    [
      'that is not there',
      broken(coded('ECONNREFUSED')),
      'failed at the proxy http://proxy:3128: ECONNREFUSED',
      'check HTTPS_PROXY and that this machine may connect to http://proxy:3128',
      true,
    ],
    [
      'that does not answer',
      broken(coded('ETIMEDOUT')),
      'failed at the proxy http://proxy:3128: ETIMEDOUT',
      'check HTTPS_PROXY',
      true,
    ],
    [
      'whose certificate has expired',
      broken(coded('CERT_HAS_EXPIRED')),
      'failed at the proxy http://proxy:3128: CERT_HAS_EXPIRED, the certificate of proxy:3128 has expired',
      'the certificate of proxy:3128 has to be renewed',
      true,
    ],
    [
      'that fails without a code',
      broken(new Error('odd')),
      'failed at the proxy http://proxy:3128: odd',
      'check HTTPS_PROXY',
      true,
    ],
  ])('%s', (_, error, words, remedy, retriable) => {
    const failure = exchangeFailure({ url }, error, []);
    expect(failure).toMatchObject({
      reason: 'network',
      message: `GET https://api.example:8443/api/project/p_1/sessions ${words}`,
      remedy: expect.stringContaining(remedy),
      retriable,
    });
    expect(failure.remedy).not.toContain('hunter2');
  });
});

describe('an attempt that took too long', () => {
  type Given = { proxy?: string; connectingTo?: string[]; answered?: boolean };

  test.each<[Given, string, string, string]>([
    [
      { connectingTo: [] },
      'network',
      'could not connect to api.example:8443 within 10 s',
      'may connect to api.example:8443',
    ],
    [
      { connectingTo: ['10.9.0.2', '2001:db8::1'] },
      'network',
      'within 10 s, tried 10.9.0.2 and 2001:db8::1',
      'may connect to api.example:8443',
    ],
    [{}, 'timeout', 'the connection was open', 'the network between this machine and api.example:8443;'],
    [{ answered: true }, 'timeout', 'not answered in full within 10 s', 'set api.page_size to auto'],
    [
      { proxy: 'http://proxy:3128' },
      'timeout',
      'the proxy http://proxy:3128 was reached',
      'api.example:8443 through the proxy http://proxy:3128',
    ],
  ])('says how far it came: %j', (given, reason, words, remedy) => {
    const { proxy, connectingTo, answered = false } = given;
    const failure = lateAttempt({ url }, 10, answered, {
      proxyInUse: proxy === undefined ? undefined : { address: proxy, variable: '', credentials: undefined },
      connectingTo: () => connectingTo,
    });
    expect(failure).toMatchObject({ reason, retriable: true, timedOut: true });
    expect(failure.message.slice(-words.length)).toBe(words);
    expect(failure.remedy).toContain(remedy);
    expect(failure.remedy).not.toContain('status.livekit.io');
  });
});

describe('the remedy', () => {
  test.each([
    ['ENOTFOUND', 'api.example was not found'],
    ['EAI_AGAIN', 'api.example was not found'],
    ['ECONNREFUSED', 'may connect to api.example:8443'],
    ['CERT_HAS_EXPIRED', 'the certificate of api.example:8443 has to be renewed'],
    ['CERT_NOT_YET_VALID', "check this machine's clock"],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS or SSL_CERT_FILE'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'NODE_EXTRA_CA_CERTS or SSL_CERT_FILE'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'check the host name api.example:8443'],
    ['CERT_REVOKED', 'check the certificate of api.example:8443'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'check the scheme, host and port of api.url'],
    ['EPROTO', 'does not speak TLS'],
    ['HPE_INVALID_CONSTANT', 'does not speak HTTP'],
    ['Z_DATA_ERROR', 'whether a proxy in front of api.example:8443 changes answers'],
    ['ETIMEDOUT', 'may connect to api.example:8443'],
  ])('for %s says %j', (code, words) => {
    expect(exchangeFailure({ url }, coded(code), []).remedy).toContain(words);
  });
});
