import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { certificateProblem, type TlsClient } from '../../src/http/guard.ts';
import type { ClientAuth } from '../../src/web-config/schema.ts';
import { Authority } from '../certificates.ts';

const none: TlsClient = { getPeerX509Certificate: () => undefined, authorized: false };
const unverified: TlsClient = { getPeerX509Certificate: () => ({}), authorized: false };
const verified: TlsClient = { getPeerX509Certificate: () => ({}), authorized: true };

const shown = 'it has shown no certificate';
const notVerified = 'its certificate could not be verified';

test.each<[clientAuth: ClientAuth, none: unknown, unverified: unknown, verified: unknown]>([
  ['NoClientCert', undefined, undefined, undefined],
  ['RequestClientCert', undefined, undefined, undefined],
  ['RequireAnyClientCert', shown, undefined, undefined],
  ['VerifyClientCertIfGiven', undefined, notVerified, undefined],
  ['RequireAndVerifyClientCert', shown, notVerified, undefined],
])('%s: no certificate %s, not verified %s, verified %s', (clientAuth, ...want) => {
  const found = [none, unverified, verified].map((client) =>
    certificateProblem(client, { clientAuth, allowedNames: undefined }),
  );
  expect(found).toEqual(want);
});

describe('names', () => {
  const root = Authority.root(temporaryFolder(afterAll), 'ca');
  // A section of openssl's, for a name with a comma.
  const names = [
    '@names',
    '[names]',
    'DNS.1 = one.example',
    'DNS.2 = "comma, DNS:forged.example"',
    'DNS.3 = quoted"name',
    'IP.1 = 192.0.2.7',
    'IP.2 = 2001:db8::7',
    'email = robot@example.org',
    'URI = spiffe://example.org/prometheus',
  ];
  const { cert } = root.client('client', names.join('\n'));
  const client = { getPeerX509Certificate: () => new X509Certificate(cert), authorized: true };

  test.each([
    ['one.example', true],
    ['192.0.2.7', true],
    ['2001:db8::7', true],
    ['2001:DB8:0:0:0:0:0:7', true],
    ['robot@example.org', true],
    ['spiffe://example.org/prometheus', true],
    ['example', false],
    ['ONE.EXAMPLE', false],
    ['*.example', false],
    ['comma, DNS:forged.example', true],
    ['forged.example', false],
    ['client', false],
    ['', false],
  ])('%s: %s', (name, allowed) => {
    const refusal = certificateProblem(client, {
      clientAuth: 'RequireAndVerifyClientCert',
      allowedNames: ['other', name],
    });
    expect(refusal === undefined).toBe(allowed);
  });

  test('none is allowed by an empty list', () => {
    const rules = { clientAuth: 'RequireAndVerifyClientCert', allowedNames: [] } as const;
    expect(certificateProblem(client, rules)).toBe('its certificate is for none of client_allowed_sans');
  });

  test('no certificate needs none where none is required', () => {
    expect(
      certificateProblem(none, { clientAuth: 'VerifyClientCertIfGiven', allowedNames: ['a'] }),
    ).toBeUndefined();
  });
});
