import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { buildApp, type AppOptions } from '../../src/http/app.ts';
import type { Wanted } from '../../src/exposition/exposition.ts';
import type { ProjectStatus } from '../../src/poll/poll-status.ts';
import { healthyProject, planFailure, programStatus, startingProject } from './statuses.ts';

const plain = Buffer.from('livekit_cloud_up{project="production"} 1\n');
const compressed = Buffer.from([0x1f, 0x8b, 8, 0, 255]);

function bodyFor({ format, encoding, project }: Wanted): Buffer {
  if (project !== undefined) return Buffer.from(`${format} of ${project}`);
  if (format === 'openmetrics') return Buffer.from('# EOF\n');
  return encoding === 'gzip' ? compressed : plain;
}

function appWith({
  projects = [healthyProject()],
  ...options
}: Partial<AppOptions> & { projects?: ProjectStatus[] } = {}) {
  return buildApp({
    telemetryPath: '/metrics',
    exposition: {
      has: (name) => projects.some((project) => project.name === name),
      metrics: (wanted) => Promise.resolve({ body: bodyFor(wanted), receivedBy: () => Promise.resolve() }),
    },
    status: () => programStatus(...projects),
    isElsewhere: () => false,
    reload: undefined,
    log: { error: () => undefined },
    ...options,
  });
}

test('serves the metrics as text 0.0.4', async () => {
  const app = await appWith();
  const answer = await app.inject('/metrics');
  expect(answer.statusCode).toBe(200);
  expect(answer.rawPayload).toEqual(plain);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': String(plain.length),
    vary: 'Accept, Accept-Encoding',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.headers).not.toHaveProperty('content-encoding');
  expect(answer.headers).not.toHaveProperty('x-powered-by');
});

test('goes on after a defect in what is due after a scrape, and logs it', async () => {
  const logged: unknown[] = [];
  const app = await appWith({
    exposition: {
      has: () => false,
      metrics: () => ({ body: plain, receivedBy: () => Promise.reject(new Error('broken')) }),
    },
    log: { error: (message, fields) => void logged.push([message, fields]) },
  });
  for (let scrape = 0; scrape < 2; scrape++) expect((await app.inject('/metrics')).statusCode).toBe(200);
  const line = ['Values due after a scrape are late', { err: new Error('broken') }];
  expect(logged).toEqual([line, line]);
});

test('serves the metrics compressed to who takes gzip', async () => {
  const app = await appWith();
  const answer = await app.inject({ url: '/metrics', headers: { 'accept-encoding': 'gzip' } });
  expect(answer.rawPayload).toEqual(compressed);
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-encoding': 'gzip',
    'content-length': String(compressed.length),
    vary: 'Accept, Accept-Encoding',
  });
});

test.each([
  { name: 'a scrape', request: { url: '/metrics' }, want: 1 },
  {
    name: 'a scrape with gzip',
    request: { url: '/metrics', headers: { 'accept-encoding': 'gzip' } },
    want: 1,
  },
  { name: 'HEAD', request: { url: '/metrics', method: 'HEAD' }, want: 0 },
  { name: 'a refused request', request: { url: '/metrics?a=b' }, want: 0 },
  { name: 'the landing page', request: { url: '/' }, want: 0 },
] as const)(
  'tells the exposition $want times that metrics were received by $name',
  async ({ request, want }) => {
    const scrapers: unknown[] = [];
    const app = await appWith({
      exposition: {
        has: () => false,
        metrics: () =>
          Promise.resolve({ body: plain, receivedBy: async (scraper) => void scrapers.push(scraper) }),
      },
    });
    const headers = { ...('headers' in request && request.headers), 'user-agent': 'Prometheus/3' };
    await app.inject({ remoteAddress: '192.0.2.7', ...request, headers });
    expect(scrapers).toHaveLength(want);
    for (const scraper of scrapers)
      expect(scraper).toMatchObject({ address: '192.0.2.7', agent: 'Prometheus/3' });
  },
);

test('answers HEAD with the headers of GET and no body', async () => {
  const app = await appWith();
  const answer = await app.inject({
    method: 'HEAD',
    url: '/metrics',
    headers: { 'accept-encoding': 'gzip' },
  });
  expect(answer.statusCode).toBe(200);
  expect(answer.rawPayload).toHaveLength(0);
  expect(answer.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-length': String(compressed.length),
  });
});

test('serves the metrics at the path that is set, and nowhere else', async () => {
  const app = await appWith({ telemetryPath: '/telemetry/livekit' });
  expect((await app.inject('/telemetry/livekit')).rawPayload).toEqual(plain);
  expect((await app.inject('/metrics')).statusCode).toBe(404);
});

test('serves the metrics instead of the landing page when their path is /', async () => {
  const app = await appWith({ telemetryPath: '/' });
  expect((await app.inject('/')).rawPayload).toEqual(plain);
});

test.each([
  { accept: undefined, want: 'text/plain; version=0.0.4; charset=utf-8', body: plain },
  {
    accept: 'application/openmetrics-text; version=1.0.0',
    want: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    body: Buffer.from('# EOF\n'),
  },
])('answers Accept $accept in the format $want', async ({ accept, want, body }) => {
  const app = await appWith();
  const answer = await app.inject({ url: '/metrics', headers: accept === undefined ? {} : { accept } });
  expect(answer.headers).toMatchObject({ 'content-type': want, vary: 'Accept, Accept-Encoding' });
  expect(answer.rawPayload).toEqual(body);
});

test.each([
  { url: '/metrics?project=production', code: 200, body: 'text of production' },
  { url: '/metrics?project=a%20b%26c', code: 200, body: 'text of a b&c' },
  { url: '/metrics?', code: 200, body: plain.toString() },
  {
    url: '/metrics?project=staging',
    code: 404,
    body: 'No project has this name: /sd lists those there are.\n',
  },
  { url: '/metrics?project=', code: 404, body: 'No project has this name: /sd lists those there are.\n' },
  { url: '/metrics?project=production&project=production', code: 400, body: /^\/metrics takes one query/ },
  {
    url: '/metrics?projects=production',
    code: 400,
    body: /^\/metrics takes one query parameter, project=NAME/,
  },
  { url: '/metrics?project=production&room=a', code: 400, body: /^\/metrics takes one query/ },
])('answers $url with $code', async ({ url, code, body }) => {
  const app = await appWith({
    projects: [healthyProject({ name: 'production' }), healthyProject({ name: 'a b&c' })],
  });
  const answer = await app.inject(url);
  expect(answer.statusCode).toBe(code);
  if (typeof body === 'string') expect(answer.body).toBe(body);
  else expect(answer.body).toMatch(body);
});

test('lists a target a project at the host by which it was asked, and leaves scheme and path to the job', async () => {
  const app = await appWith({
    projects: [healthyProject({ name: 'production' }), healthyProject({ name: 'a b' })],
  });
  const answer = await app.inject({ url: '/sd', headers: { host: 'exporter.example:17880' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.json()).toEqual(
    ['production', 'a b'].map((project) => ({
      targets: ['exporter.example:17880'],
      labels: {
        __param_project: project,
        instance: `exporter.example:17880/${project}`,
      },
    })),
  );
});

test.each(['a b', 'a/b', 'user@host', '"', 'h:port', '[::1'])(
  'does not make a target of the host "%s"',
  async (host) => {
    const answer = await (await appWith()).inject({ url: '/sd', headers: { host } });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toBe('The Host header names no host that can be scraped.\n');
  },
);

test('reloads when that is allowed, and says what is wrong when it could not', async () => {
  const outcomes: string[][] = [[], ['config.yaml:3:5: one', 'config.yaml:4:5: two']];
  const app = await appWith({ reload: () => Promise.resolve(outcomes.shift() ?? []) });
  const reload = () => app.inject({ method: 'POST', url: '/-/reload' });
  const good = await reload();
  expect([good.statusCode, good.body]).toEqual([200, 'The configuration was reloaded.\n']);
  const bad = await reload();
  expect([bad.statusCode, bad.body]).toEqual([
    500,
    'The configuration cannot be used; the previous one stays in use:\n  config.yaml:3:5: one\n  config.yaml:4:5: two\n',
  ]);
});

test('does not reload where that is not allowed', async () => {
  const answer = await (await appWith()).inject({ method: 'POST', url: '/-/reload' });
  expect(answer.statusCode).toBe(403);
  expect(answer.body).toBe(
    'Reloading over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP.\n',
  );
});

test.each(['GET', 'HEAD', 'PUT', 'DELETE'])('does not reload by %s', async (method) => {
  const app = await appWith({ reload: () => expect.unreachable() });
  const answer = await app.inject({ method: method as 'GET', url: '/-/reload' });
  expect(answer.statusCode).toBe(405);
  expect(answer.headers['allow']).toBe('POST');
});

test('reloads whatever the body claims to be, and reads none of it', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/plain']) {
    let reloads = 0;
    const app = await appWith({ reload: () => (reloads++, Promise.resolve([])) });
    const answer = await app.inject({
      method: 'POST',
      url: '/-/reload',
      payload: '{"broken',
      headers: { 'content-type': type },
    });
    expect([type, answer.statusCode, reloads]).toEqual([type, 200, 1]);
  }
});

test('answers 500 and logs when the exposition fails, which is our fault', async () => {
  const logged: unknown[] = [];
  const fault = new Error('no such buffer');
  const app = await appWith({
    exposition: { has: () => false, metrics: () => Promise.reject(fault) },
    log: { error: (message, fields) => logged.push({ message, ...fields }) },
  });
  const answer = await app.inject('/metrics');
  expect(answer.statusCode).toBe(500);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.body).not.toContain('no such buffer');
  expect(logged).toEqual([
    { message: 'A request could not be answered', method: 'GET', url: '/metrics', err: fault },
  ]);
});

test('is healthy whatever the projects do', async () => {
  const app = await appWith({
    projects: [startingProject(), healthyProject({ failure: planFailure, gaugesWithdrawn: true })],
  });
  const answer = await app.inject('/-/healthy');
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe('livekit-cloud-exporter is healthy.\n');
});

test.each([
  {
    name: 'not ready while projects wait for their first poll',
    projects: [startingProject({ name: 'a' }), healthyProject({ name: 'b' }), startingProject({ name: 'c' })],
    code: 503,
    body: 'livekit-cloud-exporter is not ready. Waiting for the first poll of: a, c\n',
  },
  {
    name: 'ready once every project was polled, well or not',
    projects: [healthyProject(), startingProject({ pollsFinished: 1, failure: planFailure })],
    code: 200,
    body: 'livekit-cloud-exporter is ready.\n',
  },
])('is $name', async ({ projects, code, body }) => {
  const app = await appWith({ projects });
  const answer = await app.inject('/-/ready');
  expect(answer.statusCode).toBe(code);
  expect(answer.body).toBe(body);
});

test('serves the landing page under a policy that allows its own style sheet and nothing else', async () => {
  const app = await appWith();
  const answer = await app.inject('/');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  const [, style = ''] = /<style>(.*)<\/style>/s.exec(answer.body) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(answer.headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(answer.body).not.toMatch(/ style=|<script|<img|<link| src=/);
});

test.each(['/metric', '/metrics/', '/-/reloads', '/favicon.ico', '/%2e%2e/etc/passwd', '//metrics'])(
  'answers 404 to %s',
  async (url) => {
    const app = await appWith();
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  },
);

test('answers 400 to a path that cannot be decoded', async () => {
  const app = await appWith();
  const answer = await app.inject('/%zz');
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toBe('The URL cannot be decoded.\n');
});

test('answers 400 to a page of two projects', async () => {
  const answer = await (await appWith()).inject('/?project=a&project=b');
  expect([answer.statusCode, answer.body]).toEqual([400, 'This page takes one project=NAME.\n']);
});

test('serves the page of one project, and 404 for a name that none has', async () => {
  const app = await appWith({ projects: [healthyProject({ name: 'a b' }), startingProject()] });
  const answer = await app.inject('/?project=a%20b');
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('<title>a b: Up · ');
  expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; /);
  const unknown = await app.inject('/?project=<script>');
  expect(unknown.statusCode).toBe(404);
  expect(unknown.body).toBe('No project has this name.\n');
});

test.each(['/-/healthy?verbose', '/-/ready?__proto__=1', '/?utm_source=a', '/sd?a'])(
  'takes no offence at query parameters that mean nothing: %s',
  async (url) => {
    expect((await (await appWith()).inject(url)).statusCode).toBe(200);
  },
);

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
  'answers %s with 405 and the methods that are allowed',
  async (method) => {
    const app = await appWith();
    for (const url of ['/metrics', '/metrics?a=b', '/', '/sd', '/-/healthy', '/-/ready']) {
      const answer = await app.inject({ method: method as 'POST', url });
      expect(answer.statusCode, url).toBe(405);
      expect(answer.headers['allow'], url).toBe('GET, HEAD');
      expect(answer.headers['content-type'], url).toBe('text/plain; charset=utf-8');
    }
  },
);

test.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', undefined])(
  'does not read a body of type %s',
  async (type) => {
    const app = await appWith();
    const answer = await app.inject({
      method: 'POST',
      url: '/metrics',
      payload: '{"broken',
      headers: type === undefined ? {} : { 'content-type': type },
    });
    expect(answer.statusCode).toBe(405);
  },
);

test('answers 415 to a Content-Type that is none, and does not call it a fault', async () => {
  const app = await appWith({ log: { error: () => expect.unreachable() } });
  const answer = await app.inject({
    method: 'POST',
    url: '/metrics',
    payload: 'a',
    headers: { 'content-type': 'nonsense' },
  });
  expect(answer.statusCode).toBe(415);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
});

test('of projects that other replicas have it lists the targets, and answers scrapes with 503', async () => {
  const sharing = {
    name: 'host-1',
    replicas: 2,
    elsewhere: [{ project: 'staging', replica: 'host-2' }],
    failure: undefined,
  };
  const status = programStatus(healthyProject());
  const app = await appWith({
    telemetryPath: '/numbers',
    status: () => ({ ...status, sharing }),
    isElsewhere: (name) => name === 'staging',
  });
  const targets = (await app.inject({ url: '/sd', headers: { host: 'a:17880' } })).json<
    { targets: string[]; labels: { __param_project: string } }[]
  >();
  expect(targets.map(({ targets, labels }) => [targets, labels.__param_project])).toEqual([
    [['a:17880'], 'production'],
    [['a:17880'], 'staging'],
  ]);
  const { statusCode, body } = await app.inject('/numbers?project=staging');
  expect([statusCode, body]).toEqual([
    503,
    'This replica does not have this project now: scrape /numbers of each replica.\n',
  ]);
  expect((await app.inject('/numbers?project=nobody')).statusCode).toBe(404);
  expect((await app.inject('/-/replica?name=host-1')).statusCode).toBe(200);
  expect((await app.inject('/-/replica?name=host-2')).statusCode).toBe(404);
  expect((await app.inject('/-/ready')).statusCode).toBe(200);
});

test.each([
  ['host-2', 503, 'Replica host-2 has this project: open the page of that replica.\n'],
  [undefined, 503, 'No replica polls this project yet.\n'],
])('the page of a project that %s has says so', async (replica, ...answer) => {
  const elsewhere = [{ project: 'staging', replica }];
  const sharing = { name: 'host-1', replicas: 2, elsewhere, failure: undefined };
  const app = await appWith({
    status: () => ({ ...programStatus(healthyProject()), sharing }),
    isElsewhere: (name) => name === 'staging',
  });
  const { statusCode, body } = await app.inject('/?project=staging');
  expect([statusCode, body]).toEqual(answer);
  expect((await app.inject('/?project=nobody')).statusCode).toBe(404);
});

test('is not ready while a project has no replica, and says why', async () => {
  const elsewhere = [{ project: 'staging', replica: undefined }];
  const sharing = { name: 'host-1', replicas: 1, elsewhere, failure: undefined };
  const status = programStatus();
  const failure = { message: 'Cannot use redis://redis:6379: nothing listens there.', since: 1 };
  for (const [given, reason] of [
    [sharing, 'Not every project has a replica yet.'],
    [{ ...sharing, failure }, failure.message],
  ] as const) {
    const app = await appWith({ status: () => ({ ...status, sharing: given }) });
    const { statusCode, body } = await app.inject('/-/ready');
    expect([statusCode, body]).toEqual([503, `livekit-cloud-exporter is not ready. ${reason}\n`]);
  }
});
