import { expect, test } from 'vitest';
import { oneProject, problemsOf, projectFile, settingsFrom } from './settings-from.ts';

type Variables = Readonly<Record<string, string>>;

async function networkOf(variables: Variables, url = 'https://api.example') {
  const { projects } = await settingsFrom({
    environment: { ...oneProject, LIVEKIT_ANALYTICS_URL: url, ...variables },
  });
  return projects[0]?.network;
}

const secret = 'hunter2-of-the-proxy';

test.each<[string, Variables, string, string | undefined]>([
  ['for https', { HTTPS_PROXY: 'http://proxy:3128' }, 'https://api.example', 'HTTPS_PROXY http://proxy:3128'],
  ['for http', { HTTP_PROXY: 'http://proxy:3128' }, 'http://api.example', 'HTTP_PROXY http://proxy:3128'],
  ['for http alone', { HTTP_PROXY: 'http://proxy:3128' }, 'https://api.example', undefined],
  ['for https alone', { HTTPS_PROXY: 'http://proxy:3128' }, 'http://api.example', undefined],
  ['for all', { ALL_PROXY: 'http://proxy:3128' }, 'https://api.example', 'ALL_PROXY http://proxy:3128'],
  [
    'of its own before that for all',
    { ALL_PROXY: 'http://all:1', HTTPS_PROXY: 'http://proxy:3128' },
    'https://api.example',
    'HTTPS_PROXY http://proxy:3128',
  ],
  [
    'in small letters first',
    { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:1' },
    'https://api.example',
    'https_proxy http://small:1',
  ],
  [
    'in small letters that is empty counts as not set',
    { https_proxy: '', HTTPS_PROXY: 'http://large:1' },
    'https://api.example',
    'HTTPS_PROXY http://large:1',
  ],
  ['without a scheme', { HTTPS_PROXY: 'proxy:3128' }, 'https://api.example', 'HTTPS_PROXY http://proxy:3128'],
  ['without a port', { HTTPS_PROXY: 'http://proxy/' }, 'https://api.example', 'HTTPS_PROXY http://proxy:80'],
  ['with TLS', { HTTPS_PROXY: 'https://proxy' }, 'https://api.example', 'HTTPS_PROXY https://proxy:443'],
  ['in IPv6', { HTTPS_PROXY: '[::1]:3128' }, 'https://api.example', 'HTTPS_PROXY http://[::1]:3128'],
  ['and none', {}, 'https://api.example', undefined],
])('knows a proxy %s', async (_, variables, url, want) => {
  const proxy = (await networkOf(variables, url))?.proxy;
  expect(proxy && `${proxy.variable} ${proxy.address}`).toBe(want);
});

test.each([
  ['http://user:p%40ss%3A@proxy:3128', 'user:p@ss:'],
  ['user:pass@proxy:3128', 'user:pass'],
  ['http://token@proxy:3128', 'token:'],
  ['http://proxy:3128', undefined],
])('knows the credentials of %s', async (text, credentials) => {
  expect((await networkOf({ HTTPS_PROXY: text }))?.proxy).toEqual({
    variable: 'HTTPS_PROXY',
    address: 'http://proxy:3128',
    credentials,
  });
});

test.each([['NO_PROXY'], ['no_proxy']])('%s takes the API out, and is named', async (variable) => {
  const network = await networkOf({ HTTPS_PROXY: 'http://proxy:3128', [variable]: '.example' });
  expect(network).toMatchObject({ proxy: undefined, exemptBy: variable });
});

test('NO_PROXY without a proxy is not worth a word', async () => {
  expect(await networkOf({ NO_PROXY: '*' })).toMatchObject({ proxy: undefined, exemptBy: undefined });
});

test('each project has the proxy for its own URL', async () => {
  const { projects } = await settingsFrom({
    argv: ['--config.file=config.yaml'],
    environment: { HTTP_PROXY: 'http://one:1', HTTPS_PROXY: 'http://two:2', NO_PROXY: 'inside.example' },
    files: {
      'config.yaml': `${projectFile}    api: { url: 'http://a.example' }
  - { name: b, id: p_b, api_key: k, api_secret: s, api: { url: 'https://inside.example' } }
  - { name: c, id: p_c, api_key: k, api_secret: s }
`,
    },
  });
  expect(projects.map(({ network }) => network?.proxy?.address)).toEqual([
    'http://one:1',
    undefined,
    'http://two:2',
  ]);
});

test('knows where authorities are', async () => {
  const network = await networkOf({
    SSL_CERT_DIR: '/a:/b',
    SSL_CERT_FILE: '/c.pem',
    NODE_EXTRA_CA_CERTS: '/d.pem',
  });
  expect(network?.authorities).toEqual([
    { variable: 'NODE_EXTRA_CA_CERTS', path: '/d.pem', isFolder: false },
    { variable: 'SSL_CERT_FILE', path: '/c.pem', isFolder: false },
    { variable: 'SSL_CERT_DIR', path: '/a', isFolder: true },
    { variable: 'SSL_CERT_DIR', path: '/b', isFolder: true },
  ]);
});

const allowed = 'allowed: http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ before the host';

test.each([
  [`socks5://u:${secret}@proxy:1080`, 'SOCKS proxies are not supported'],
  [`ftp://u:${secret}@proxy`, 'such proxies are not supported'],
  [`http://u:${secret}@`, 'the value is not a URL'],
  [`http://u:${secret}@proxy:port`, 'the value is not a URL'],
  [`http://u: ${secret}@proxy`, 'the value is not a URL'],
  [
    `http://u:%${secret}@proxy`,
    'the user or password has a % without two hexadecimal digits; write %25 for it',
  ],
])('complains about %s without repeating it', async (text, problem) => {
  expect(await problemsOf({ environment: { ...oneProject, HTTPS_PROXY: text } })).toEqual([
    `HTTPS_PROXY: ${problem}; ${allowed}`,
  ]);
});

test.each<[string, Variables]>([
  ['that is not used', { HTTP_PROXY: 'socks5://proxy' }],
  ['that the API is taken out of', { HTTPS_PROXY: 'socks5://proxy', NO_PROXY: 'livekit.io' }],
])('says nothing about a proxy %s', async (_, variables) => {
  expect(await problemsOf({ environment: { ...oneProject, ...variables } })).toEqual([]);
});

test('the simulated API is reached directly', async () => {
  const { projects } = await settingsFrom({ argv: ['demo'], environment: { HTTP_PROXY: 'nonsense://' } });
  expect(projects).toEqual([]);
});
