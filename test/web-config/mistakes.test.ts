// One broken web configuration file for each mistake, with the exact text of the error; and what looks broken, but is not.
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { readWebConfig } from '../../src/web-config/read-web-config.ts';
import type { WebConfig } from '../../src/web-config/read-web-config.ts';
import { Authority, openssl } from '../certificates.ts';

const folder = temporaryFolder(afterAll);
const root = Authority.root(folder, 'ca');
const other = root.server({ name: 'other' });
root.server({ name: 'server' });
openssl('rsa', '-aes128', '-passout', 'pass:x', '-in', rsaKey(), '-out', join(folder, 'encrypted.key'));
openssl(
  'ec',
  '-aes128',
  '-passout',
  'pass:x',
  '-in',
  other.keyFile,
  '-out',
  join(folder, 'old-encrypted.key'),
);
weakServer();
const damaged = root.cert.replace(/^(.{20})....$/m, '$1AAAA').replace(/MII./, 'AAAA');
write('damaged.pem', `${root.cert}${damaged}`);
write('empty.pem', '');
write('combined.pem', `# key and certificate\n${other.key}${other.cert}`);

const identity = 'tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n';
const hash = '$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq';
const headers =
  'allowed: Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, X-XSS-Protection, Content-Security-Policy';
const keys =
  'allowed: cert, cert_file, key, key_file, client_auth_type, client_ca, client_ca_file, client_allowed_sans, ' +
  'min_version, max_version, cipher_suites, prefer_server_cipher_suites, curve_preferences';
const policies =
  'allowed: NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, ' +
  'RequireAndVerifyClientCert';
const hashes =
  'allowed: a bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$ and a cost of 04 to 31, ' +
  "for example from htpasswd -nBC 10 '' | tr -d ':'";
const interval = 'allowed: 0 or a duration of Go, for example 1s, 100ms or 1m30s';

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function rsaKey(): string {
  const file = join(folder, 'rsa.key');
  openssl('genrsa', '-out', file, '2048');
  return file;
}

/** A server whose key OpenSSL has not taken for years. */
function weakServer(): void {
  const [key, cert] = [join(folder, 'weak.key'), join(folder, 'weak.pem')];
  openssl('req', '-x509', '-newkey', 'rsa:512', '-nodes', '-keyout', key, '-out', cert, '-subj', '/CN=weak');
}

const webConfigFile = join(folder, 'web.yml');

/** Paths in problems are as seen from the folder. */
async function read(text: string): Promise<{ config?: WebConfig; problems: string[] }> {
  write('web.yml', text);
  const { problems, ...others } = await readWebConfig(webConfigFile, (name) => readFile(name, 'utf8'));
  const shown = (problem: string) => problem.replaceAll(`${folder}/`, '').replaceAll(folder, 'FOLDER');
  return { ...others, problems: problems.map(shown) };
}

interface Mistake {
  readonly name: string;
  readonly text: string;
  readonly problems: readonly string[];
}

const place = 'web.yml:4:';

/** Added to a file that switches TLS on in three lines. */
const tlsMistakes: readonly Mistake[] = [
  {
    name: 'an unknown key',
    text: '  min_versoin: TLS12',
    problems: [`${place}3: tls_server_config.min_versoin: unknown key; did you mean min_version? ${keys}`],
  },
  {
    name: 'a key twice',
    text: '  key_file: server.key',
    problems: ['web.yml:4:3: this key is already in the section; remove one of the two'],
  },
  {
    name: 'a certificate in two places',
    text: '  cert: text',
    problems: [
      'web.yml:2:14: tls_server_config.cert_file: cert is set as well; remove one of the two',
      `${place}9: tls_server_config.cert: there is no certificate in PEM format`,
    ],
  },
  {
    name: 'an unknown policy',
    text: '  client_auth_type: Require',
    problems: [`${place}21: tls_server_config.client_auth_type: invalid ClientAuth: Require; ${policies}`],
  },
  {
    name: 'a policy that is a list',
    text: '  client_auth_type: [NoClientCert]',
    problems: [`${place}21: tls_server_config.client_auth_type: the value is not text`],
  },
  {
    name: 'authorities that do not exist',
    text: '  client_ca_file: none.pem\n  client_auth_type: RequireAndVerifyClientCert',
    problems: [
      `${place}19: tls_server_config.client_ca_file: the file cannot be read: there is no such file (none.pem)`,
    ],
  },
  {
    name: 'no authorities in their file',
    text: '  client_ca_file: empty.pem\n  client_auth_type: RequireAndVerifyClientCert',
    problems: [
      `${place}19: tls_server_config.client_ca_file (content of the file): there is no certificate in PEM format`,
    ],
  },
  {
    name: 'a damaged authority',
    text: '  client_ca_file: damaged.pem\n  client_auth_type: RequireAndVerifyClientCert',
    problems: [
      `${place}19: tls_server_config.client_ca_file (content of the file): a certificate is damaged`,
    ],
  },
  {
    name: 'authorities without a policy',
    text: '  client_ca_file: ca.pem\n  client_auth_type: NoClientCert',
    problems: [
      `${place}19: tls_server_config.client_ca_file: client CA's have been configured without a Client Auth Policy; ` +
        'set client_auth_type, to RequireAndVerifyClientCert if in doubt',
    ],
  },
  {
    name: 'names without a policy, which nobody would be asked for',
    text: '  client_allowed_sans: [one]',
    problems: [
      `${place}24: tls_server_config.client_allowed_sans: client CA's have been configured without a Client Auth Policy; ` +
        'set client_auth_type, to RequireAndVerifyClientCert if in doubt',
    ],
  },
  {
    name: 'names that are no list',
    text: '  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: one',
    problems: ['web.yml:5:24: tls_server_config.client_allowed_sans: not a list; allowed: names'],
  },
  {
    name: 'versions the wrong way round',
    text: '  min_version: TLS13\n  max_version: TLS12',
    problems: ['web.yml:2:3: tls_server_config: min_version TLS13 is above max_version TLS12'],
  },
  {
    name: 'a suite of Go that is not safe',
    text: '  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_RC4_128_SHA]',
    problems: [
      expect.stringContaining(
        `${place}58: tls_server_config.cipher_suites[1]: unknown cipher: TLS_RSA_WITH_RC4_128_SHA; allowed: TLS_ECDHE_`,
      ) as string,
    ],
  },
];

const mistakes: readonly Mistake[] = [
  ...tlsMistakes.map((mistake) => ({ ...mistake, text: identity + mistake.text })),
  {
    name: 'a key of another certificate',
    text: 'tls_server_config:\n  cert_file: server.pem\n  key_file: other.key',
    problems: [
      'web.yml:3:13: tls_server_config.key_file (content of the file): the private key does not belong to the certificate',
    ],
  },
  ...['encrypted.key', 'old-encrypted.key'].map((key) => ({
    name: `a key with a passphrase (${key})`,
    text: `tls_server_config:\n  cert_file: server.pem\n  key_file: ${key}`,
    problems: [
      'web.yml:3:13: tls_server_config.key_file (content of the file): the private key is encrypted, and there ' +
        'is no way to enter its passphrase; store the key without one',
    ],
  })),
  {
    name: 'certificate and key changed over',
    text: 'tls_server_config:\n  cert_file: server.key\n  key_file: server.pem',
    problems: [
      'web.yml:2:14: tls_server_config.cert_file (content of the file): there is no certificate in PEM format',
      'web.yml:3:13: tls_server_config.key_file (content of the file): there is no private key in PEM format',
    ],
  },
  {
    name: 'a folder for a file',
    text: 'tls_server_config:\n  cert_file: .\n  key_file: server.key',
    problems: [
      'web.yml:2:14: tls_server_config.cert_file: the file cannot be read: it is a directory (FOLDER)',
    ],
  },
  {
    name: 'a key that is too weak for OpenSSL',
    text: 'tls_server_config:\n  cert_file: weak.pem\n  key_file: weak.key',
    problems: [
      'web.yml:2:3: tls_server_config: OpenSSL refuses the certificate, the key or the options: ee key too small',
    ],
  },
  {
    name: 'an unknown section',
    text: 'tls_config: {}',
    problems: [
      'web.yml:1:1: tls_config: unknown key; ' +
        'allowed: tls_server_config, http_server_config, basic_auth_users, rate_limit',
    ],
  },
  {
    name: 'HTTP/2 that is no boolean',
    text: 'http_server_config: {http2: maybe}',
    problems: ['web.yml:1:29: http_server_config.http2: the value is not a boolean; allowed: true or false'],
  },
  {
    name: 'headers that are no section',
    text: 'http_server_config: {headers: [a]}',
    problems: [`web.yml:1:31: http_server_config.headers: not a section; ${headers}`],
  },
  {
    name: 'a header in other letters',
    text: 'http_server_config: {headers: {x-frame-options: deny}}',
    problems: [
      `web.yml:1:32: http_server_config.headers.x-frame-options: unknown key; did you mean X-Frame-Options? ${headers}`,
    ],
  },
  {
    name: 'a header that no connection can carry',
    text: 'http_server_config: {headers: {Content-Security-Policy: "a\\0b"}}',
    problems: [
      'web.yml:1:57: http_server_config.headers.Content-Security-Policy: the value has characters that a header cannot hold',
    ],
  },
  {
    name: 'users that are a list',
    text: 'basic_auth_users: [alice]',
    problems: [
      'web.yml:1:19: basic_auth_users: not a section; allowed: user names, each with the bcrypt hash of its password',
    ],
  },
  {
    name: 'a password in place of its hash',
    text: 'basic_auth_users: {alice: swordfish}',
    problems: [
      `web.yml:1:27: basic_auth_users.alice: hashedSecret too short to be a bcrypted password; ${hashes}`,
    ],
  },
  {
    name: 'a user without a hash',
    text: 'basic_auth_users:\n  alice:',
    problems: [
      `web.yml:2:9: basic_auth_users.alice: hashedSecret too short to be a bcrypted password; ${hashes}`,
    ],
  },
  ...[
    ['of another kind', '$6$rounds=10000$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/'],
    ['of a cost that there is not', hash.replace('$10$', '$32$')],
    ['with other characters', hash.replace('2UX', '2U-')],
    ['that is longer', `${hash}x`],
  ].map(([kind = '', value = '']) => ({
    name: `a hash ${kind}`,
    text: `basic_auth_users: {alice: ${value}}`,
    problems: [`web.yml:1:27: basic_auth_users.alice: the value is not a bcrypt hash; ${hashes}`],
  })),
  {
    name: 'an interval without a unit, which Go would take for nanoseconds',
    text: 'rate_limit: {interval: 5, burst: 1}',
    problems: [`web.yml:1:24: rate_limit.interval: the value is not a duration; ${interval}`],
  },
  {
    name: 'an interval in days, which Go does not know',
    text: 'rate_limit: {interval: 1d}',
    problems: [`web.yml:1:24: rate_limit.interval: the value is not a duration; ${interval}`],
  },
  {
    name: 'an interval below zero',
    text: 'rate_limit: {interval: -1s}',
    problems: [`web.yml:1:24: rate_limit.interval: the value is not a duration; ${interval}`],
  },
  {
    name: 'a burst that is not whole',
    text: 'rate_limit: {interval: 1s, burst: 1.5}',
    problems: ['web.yml:1:35: rate_limit.burst: the value is not a whole number; allowed: 0 or more'],
  },
  {
    name: 'everything at once',
    text: 'tls_server_config: {key_file: none}\nhttp_server_config: {header: true}\nrate_limit: {burst: x}',
    problems: [
      'web.yml:2:22: http_server_config.header: unknown key; did you mean headers? allowed: http2, headers',
      'web.yml:3:21: rate_limit.burst: the value is not a whole number; allowed: 0 or more',
      'web.yml:1:31: tls_server_config.key_file: the file cannot be read: there is no such file (none)',
      'web.yml:1:20: tls_server_config: missing one of cert or cert_file',
    ],
  },
];

it.each(mistakes)('refuses $name', async ({ text, problems }) => {
  const { config, problems: found } = await read(text);
  expect(found).toEqual(problems);
  expect(config).toBeUndefined();
});

describe('takes', () => {
  const accepted: readonly { name: string; text: string; want: Partial<WebConfig> }[] = [
    { name: 'a file with nothing in it', text: '# nothing\n', want: { tls: undefined, http2: true } },
    {
      name: 'sections without anything',
      text: 'tls_server_config:\nhttp_server_config: {}\nbasic_auth_users:\nrate_limit:\n  interval:\n',
      want: { tls: undefined, http2: true, headers: {}, users: new Map(), rateLimit: undefined },
    },
    {
      name: 'options of TLS alone, which do not switch it on',
      text: 'tls_server_config: {min_version: TLS13, curve_preferences: [X25519]}',
      want: { tls: undefined },
    },
    {
      name: 'the booleans of YAML 1.1',
      text: 'http_server_config: {http2: Off}',
      want: { http2: false },
    },
    { name: 'a boolean in quotes', text: 'http_server_config: {http2: "false"}', want: { http2: false } },
    {
      name: 'numbers and booleans where Go takes text',
      text: 'http_server_config: {headers: {X-XSS-Protection: 0, Strict-Transport-Security: 007}}',
      want: { headers: { 'x-xss-protection': '0', 'strict-transport-security': '007' } },
    },
    {
      name: 'headers that are empty, which are left out, and those of several lines',
      text: 'http_server_config:\n  headers:\n    X-Frame-Options:\n    X-XSS-Protection: ""\n    Content-Security-Policy: |\n      a;\n      b;\n',
      want: { headers: { 'content-security-policy': 'a; b;' } },
    },
    {
      name: 'users whatever they are called',
      text: `basic_auth_users: {1: ${hash}, __proto__: "${hash}", "": ${hash.replace('$2y', '$2b')}}`,
      want: {
        users: new Map([
          ['1', hash],
          ['__proto__', hash],
          ['', hash.replace('$2y', '$2b')],
        ]),
      },
    },
    {
      name: 'durations of Go',
      text: 'rate_limit: {interval: 1m1.5s500ms, burst: 20}',
      want: { rateLimit: { interval: 62, burst: 20 } },
    },
  ];

  it.each(accepted)('$name', async ({ text, want }) => {
    const { config, problems } = await read(text);
    expect(problems).toEqual([]);
    expect(config).toMatchObject(want);
  });

  it('a key and its certificate in one file, with a comment', async () => {
    const { problems } = await read('tls_server_config: {cert_file: combined.pem, key_file: combined.pem}');
    expect(problems).toEqual([]);
  });

  it('RequireClientCert by its old name', async () => {
    const { config } = await read(`${identity}  client_auth_type: RequireClientCert\n`);
    expect(config?.tls?.clientAuth).toBe('RequireAnyClientCert');
  });
});
