import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { readWebConfig } from '../../src/web-config/read-web-config.ts';
import { tlsKeys } from '../../src/web-config/schema.ts';
import { Authority } from '../certificates.ts';

const page = readFileSync('docs/web-configuration.md', 'utf8');
const [, example = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];

const folder = temporaryFolder(afterAll);

it('the example of the web configuration can be used', async () => {
  const root = Authority.root(folder, 'ca');
  const { cert, key } = root.server();
  for (const [name, text] of [
    ['server.crt', cert],
    ['server.key', key],
    ['clients.crt', root.cert],
    ['web.yml', example],
  ] as const) {
    writeFileSync(join(folder, name), text);
  }
  const { config, problems } = await readWebConfig(join(folder, 'web.yml'), (name) => readFile(name, 'utf8'));
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    tls: { clientAuth: 'RequireAndVerifyClientCert', allowedNames: ['prometheus.example.org'] },
    http2: true,
    rateLimit: { interval: 0.1, burst: 20 },
  });
});

it('the page names every key', () => {
  const { tls_server_config: tls, ...others } = parse(example) as Record<string, object>;
  expect(Object.keys(others)).toEqual(['http_server_config', 'basic_auth_users', 'rate_limit']);
  for (const key of tlsKeys) {
    const named = key in (tls ?? {}) || page.includes(`\`${key}\``);
    expect(named, key).toBe(true);
  }
});
