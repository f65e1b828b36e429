// Whatever is wrong with a web configuration file, and wherever a secret got to, no error shows it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWebConfig } from '../../src/web-config/read-web-config.ts';
import { tlsKeys } from '../../src/web-config/schema.ts';
import { assertProperty } from '../property.ts';

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const random = (length: number) =>
  fc.string({ unit: fc.constantFrom(...letters), minLength: length, maxLength: length });

/** Passwords, hashes and lines of keys. None of them was ever in use. Words without a digit could be a mistyped key. */
const secret = fc.oneof(
  random(15).map((text) => `${text.slice(0, 7)}7${text.slice(7)}`),
  random(53).map((text) => `$2y$10$${text}`),
  random(64).map((text) => `MIIEvQIBADAN${text}`),
  fc.constant('correct horse battery staple'),
);

const places = [
  ...tlsKeys.map((key) => (text: string) => `tls_server_config:\n  ${key}: ${text}\n`),
  ...tlsKeys.map((key) => (text: string) => `tls_server_config:\n  ${key}:\n    - ${text}\n`),
  (text: string) => `tls_server_config: ${text}\n`,
  (text: string) =>
    `tls_server_config:\n  cert: file\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    ${text}\n`,
  (text: string) => `http_server_config:\n  http2: ${text}\n`,
  (text: string) => `http_server_config:\n  headers:\n    X-Frame-Options: ${text}\n`,
  (text: string) => `http_server_config:\n  headers:\n    ${text}: a\n`,
  (text: string) => `basic_auth_users:\n  alice: ${text}x\n`,
  (text: string) => `basic_auth_users:\n  ${text}: a\n`,
  (text: string) => `basic_auth_users: ${text}\n`,
  (text: string) => `rate_limit:\n  interval: ${text}\n  burst: ${text}\n`,
  (text: string) => `${text}: a\n`,
  (text: string) => text,
];
const styles = [
  (text: string) => text,
  (text: string) => `"${text}"`,
  (text: string) => `'${text}`,
  (text: string) => `[${text}`,
  (text: string) => `*${text}`,
  (text: string) => `!${text} a`,
];

test('no secret shows in an error', async () => {
  let refused = 0;
  await assertProperty(
    fc.asyncProperty(
      secret,
      fc.constantFrom(...places),
      fc.constantFrom(...styles),
      fc.boolean(),
      async (value, place, style, isFile) => {
        const { problems } = await readWebConfig('/web.yml', (path) => {
          if (path === '/web.yml') return Promise.resolve(place(style(value)));
          if (isFile) return Promise.resolve(value);
          return Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }));
        });
        if (problems.length > 0) refused += 1;
        expect(problems.join('\n')).not.toContain(value);
        expect(problems.join('\n')).not.toContain(value.slice(-16));
      },
    ),
    { numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(1000);
});
