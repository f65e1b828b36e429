// Every reason for which a poll can fail, brought about over real HTTP: what the metrics, the log and the page
// for people say of it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { AtEnd } from '../at-end.ts';
import { failureReasons, type FailureReason } from '../../src/core/source-error.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, valueIn, type RunningProgram } from './running-program.ts';
import { type ProjectCase, shared, simulateProjects } from './shared-run.ts';
import { cloudOf, project } from './simulated-api.ts';

interface Failure extends Pick<ProjectCase, 'fault' | 'settings'> {
  readonly name: string;
  readonly reason: FailureReason;
  readonly message: RegExp;
  readonly remedy: RegExp;
}

const schemaRemedy = /check that api\.url is the address of the Analytics API/;

const failures: readonly Failure[] = [
  {
    name: 'a wrong secret',
    settings: { api_secret: `not-${project.apiSecret}` },
    reason: 'auth',
    message: /answered 401/,
    remedy: /check that the API key and secret belong together/,
  },
  {
    name: 'a plan below Scale',
    fault: { kind: 'scale_plan', status: 403 },
    reason: 'plan',
    message: /answered 403: .*Scale plan/,
    remedy: /upgrade the plan/,
  },
  {
    name: 'a wrong project id',
    settings: { id: 'p_typo' },
    reason: 'not_found',
    message: /\/api\/project\/p_typo\/sessions answered 404/,
    remedy: /check the project id/,
  },
  {
    name: 'a rate limit with a long pause',
    fault: { kind: 'status', status: 429, retryAfterSeconds: 3600 },
    reason: 'rate_limited',
    message: /answered 429 and asked for a pause of 3600 s/,
    remedy: /lower api\.requests_per_minute/,
  },
  {
    name: 'an API that does not answer',
    fault: { kind: 'hang' },
    settings: { api: { request_timeout: '500ms' } },
    reason: 'timeout',
    message: /was not answered within 0\.5 s, though the connection was open \(after 2 attempts\)/,
    remedy: /raise api\.request_timeout/,
  },
  {
    name: 'a connection that is reset',
    fault: { kind: 'reset' },
    reason: 'network',
    message: /failed: ECONNRESET \(after 3 attempts\)/,
    remedy: /firewall, proxy, routing/,
  },
  {
    name: 'a connection that breaks in the middle of an answer',
    fault: { kind: 'truncated_body', cut: 'connection' },
    reason: 'network',
    message: /failed: UND_ERR_SOCKET, the connection ended before the answer did/,
    remedy: /whether a proxy in front of \S+ changes answers/,
  },
  {
    name: 'an API that has failed',
    fault: { kind: 'status', status: 500 },
    reason: 'server',
    message: /answered 500: .* \(after 3 attempts\)/,
    remedy: /status\.livekit\.io/,
  },
  {
    name: 'a redirect',
    fault: { kind: 'redirect', location: 'https://login.invalid/' },
    reason: 'network',
    message: /answered 302: a redirect to https:\/\/login\.invalid\//,
    remedy: /follows no redirect to another address/,
  },
  {
    name: 'a web page instead of JSON',
    fault: { kind: 'html' },
    reason: 'network',
    message: /answered 200 with a web page/,
    remedy: /a firewall, proxy, login page/,
  },
  {
    name: 'JSON of another shape',
    fault: { kind: 'wrong_shape', shape: 'sessions_string' },
    reason: 'schema',
    message: /not a page of sessions/,
    remedy: schemaRemedy,
  },
  {
    name: 'an answer without an end',
    fault: { kind: 'gzip_bomb', bytes: 2 ** 25 },
    reason: 'schema',
    message: /answered more than 1 MiB/,
    remedy: schemaRemedy,
  },
];

/** The polls of a project that failed, by reason, without the reasons that none failed for. */
async function pollFailures(program: RunningProgram, name: string): Promise<Record<string, number>> {
  const metrics = await program.metrics();
  const counts = failureReasons.map((reason): [string, number] => [
    reason,
    valueIn(metrics, `livekit_cloud_exporter_poll_failures_total{project="${name}",reason="${reason}"}`) ??
      NaN,
  ]);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

function up(program: RunningProgram, name: string): Promise<number | undefined> {
  return program.value(`livekit_cloud_up{project="${name}"}`);
}

/** HTML writes some characters another way. */
function unescaped(html: string): string {
  const page = html.replaceAll('&#39;', "'").replaceAll('&quot;', '"');
  return page.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** The URL of an API that repeats the token. */
async function startParrot(atEnd: AtEnd): Promise<string> {
  const parrot = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    response.writeHead(request.url?.includes('page=0') ? 500 : 401, { 'WWW-Authenticate': authorization });
    response.end(`wrong token: ${authorization} ${authorization.slice('Bearer '.length)}`);
  });
  await new Promise<void>((resolve) => parrot.listen(0, '127.0.0.1', resolve));
  atEnd(() => void parrot.close().closeAllConnections());
  return `http://127.0.0.1:${String((parrot.address() as AddressInfo).port)}`;
}

describe('a poll that fails', () => {
  const failing = shared(async (atEnd) => {
    const nobody = `http://127.0.0.1:${String(await freePort())}`;
    const parrot = await startParrot(atEnd);
    const { file } = await simulateProjects(
      {
        ...Object.fromEntries(failures.map((failure) => [failure.name, { ...failure, cloud: cloudOf(3) }])),
        nobody: { cloud: cloudOf(0), url: () => nobody },
        parrot: { cloud: cloudOf(0), url: () => parrot },
      },
      atEnd,
    );
    // One poll: the next may fail by what the first has learned, such as a long pause.
    const flags = { 'config.file': file, 'poll.interval': '1m', 'log.level': 'debug' };
    const program = serve({}, flags, atEnd);
    await program.ready();
    return program;
  });

  it.each(failures)('for $name has the reason $reason, its cause and its remedy', async (failure) => {
    const { name } = failure;
    const program = failing();
    expect(Object.keys(await pollFailures(program, name))).toEqual([failure.reason]);
    expect(await up(program, name)).toBe(0);
    expect(await program.metrics()).not.toContain('livekit_cloud_active_rooms');
    expect(program.log.filter(({ level, project }) => level === 'ERROR' && project === name)).toEqual([
      expect.objectContaining({
        reason: failure.reason,
        err: expect.stringMatching(failure.message),
        remedy: expect.stringMatching(failure.remedy),
      }),
    ]);
    const page = unescaped((await program.get(`/?project=${encodeURIComponent(name)}`)).body);
    expect(page).toMatch(failure.message);
    expect(page).toMatch(failure.remedy);
  });

  it('because nobody listens has the reason network', async () => {
    const program = failing();
    expect(Object.keys(await pollFailures(program, 'nobody'))).toEqual(['network']);
    expect(program.log).toContainEqual(
      expect.objectContaining({ project: 'nobody', err: expect.stringContaining('ECONNREFUSED') as string }),
    );
  });

  it('does not show the token, even when the API repeats it', () => {
    // Each test looks for tokens in all that was said; here it matters that the API's words were repeated at all.
    expect(failing().errorOutput).toContain('wrong token');
  });
});

describe('of a program that goes on', () => {
  const running = shared(async (atEnd) => {
    const tooMany = { kind: 'status', status: 429, times: 1 } as const;
    const cases: Record<string, ProjectCase> = {
      mended: { cloud: cloudOf(1), fault: { kind: 'status', status: 404 } },
      'short pause': { cloud: cloudOf(1), fault: { ...tooMany, retryAfterSeconds: 2 } },
      'long pause': { cloud: cloudOf(1), fault: { ...tooMany, retryAfterSeconds: 3600 } },
    };
    const { file, simulatorOf } = await simulateProjects(cases, atEnd);
    return { simulatorOf, program: serve({}, { 'config.file': file }, atEnd) };
  });

  it('a failure is logged when it starts and when it ends, not each time', async () => {
    const { simulatorOf, program } = running();
    await eventually(async () =>
      expect((await pollFailures(program, 'mended')).not_found).toBeGreaterThanOrEqual(2),
    );
    simulatorOf('mended').faults.clear();
    await eventually(() => {
      const lines = program.log.filter(({ project }) => project === 'mended');
      const told = lines.map(({ level, reason }) => [level, reason]);
      expect(told.filter(([, reason]) => reason !== undefined)).toEqual([
        ['ERROR', 'not_found'],
        ['INFO', 'not_found'],
      ]);
    });
    await eventually(async () => expect(await up(program, 'mended')).toBe(1));
  });

  it('a rate limit stops all requests for the time the API asks for, then the poll goes on', async () => {
    const { simulatorOf, program } = running();
    await eventually(async () => expect(await up(program, 'short pause')).toBe(1));
    const [first, second] = simulatorOf('short pause').requests;
    // Timers and clocks round to the millisecond.
    expect(second!.time - first!.time).toBeGreaterThan(1.99);
    expect(await pollFailures(program, 'short pause')).toEqual({});
    const failed = 'livekit_cloud_exporter_api_request_failures_total';
    const labels = '{project="short pause",endpoint="sessions",reason="rate_limited"}';
    expect(await program.value(failed + labels)).toBe(1);
  });

  it('a rate limit with a pause that is too long to wait fails the polls in it without a request', async () => {
    const { simulatorOf, program } = running();
    await eventually(async () =>
      expect((await pollFailures(program, 'long pause')).rate_limited).toBeGreaterThanOrEqual(3),
    );
    expect(simulatorOf('long pause').requests).toHaveLength(1);
  });
});
