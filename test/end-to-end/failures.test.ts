// Every reason for which a poll can fail, brought about over real HTTP: what the metrics, the log and the page
// for people say of it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureReasons, type FailureReason } from '../../src/core/source-error.ts';
import type { FaultOrder } from '../simulator-support/faults.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, valueIn, type RunningProgram } from './running-program.ts';
import { cloudOf, environmentOf, project, simulate } from './simulated-api.ts';

interface Failure {
  readonly name: string;
  readonly fault?: FaultOrder;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  readonly reason: FailureReason;
  readonly message: RegExp;
  readonly remedy: RegExp;
}

const schemaRemedy = /check that api\.url is the address of the Analytics API/;

const failures: readonly Failure[] = [
  {
    name: 'a wrong secret',
    environment: { LIVEKIT_API_SECRET: `not-${project.apiSecret}` },
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
    environment: { LIVEKIT_PROJECT_ID: 'p_typo' },
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
    flags: { 'api.request-timeout': '500ms' },
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

/** The polls that failed, by reason, without the reasons that none failed for. */
async function pollFailures(
  program: RunningProgram,
  id: string = project.id,
): Promise<Record<string, number>> {
  const metrics = await program.metrics();
  const counts = failureReasons.map((reason): [string, number] => [
    reason,
    valueIn(metrics, `livekit_cloud_exporter_poll_failures_total{project="${id}",reason="${reason}"}`) ?? NaN,
  ]);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

/** HTML writes some characters another way. */
function unescaped(html: string): string {
  const page = html.replaceAll('&#39;', "'").replaceAll('&quot;', '"');
  return page.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

describe('a poll that fails', () => {
  it.each(failures)('for $name has the reason $reason, its cause and its remedy', async (failure) => {
    const simulator = await simulate(cloudOf(3));
    if (failure.fault) simulator.faults.order(failure.fault);
    const environment = { ...environmentOf(simulator), ...failure.environment };
    // One poll: the next may fail by what the first has learned, such as a long pause.
    const program = serve(environment, { 'poll.interval': '1m', ...failure.flags });
    const id = environment.LIVEKIT_PROJECT_ID;
    await program.ready();

    expect(Object.keys(await pollFailures(program, id))).toEqual([failure.reason]);
    expect(await program.value(`livekit_cloud_up{project="${id}"}`)).toBe(0);
    expect(await program.metrics()).not.toContain('livekit_cloud_active_rooms');
    expect(program.log.filter(({ level }) => level === 'ERROR')).toEqual([
      expect.objectContaining({
        project: id,
        reason: failure.reason,
        err: expect.stringMatching(failure.message),
        remedy: expect.stringMatching(failure.remedy),
      }),
    ]);
    const page = unescaped((await program.get('/')).body);
    expect(page).toMatch(failure.message);
    expect(page).toMatch(failure.remedy);
  });

  it('because nobody listens has the reason network', async () => {
    const url = `http://127.0.0.1:${String(await freePort())}`;
    const program = serve(environmentOf({ url }));
    await program.ready();
    expect(Object.keys(await pollFailures(program))).toEqual(['network']);
    expect(program.errorOutput).toContain('ECONNREFUSED');
  });

  it('is logged when it starts and when it ends, not each time', async () => {
    const simulator = await simulate(cloudOf(1));
    simulator.faults.order({ kind: 'status', status: 404 });
    const program = serve(environmentOf(simulator));
    await eventually(async () => expect((await pollFailures(program)).not_found).toBeGreaterThanOrEqual(2));
    simulator.faults.clear();
    await eventually(() => {
      const lines = program.log.map(({ level, reason }) => [level, reason]);
      expect(lines.filter(([, reason]) => reason !== undefined)).toEqual([
        ['ERROR', 'not_found'],
        ['INFO', 'not_found'],
      ]);
    });
    await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1));
  });

  it('does not show the token, even when the API repeats it', async () => {
    const parrot = createServer((request, response) => {
      const { authorization = '' } = request.headers;
      response.writeHead(request.url?.includes('page=0') ? 500 : 401, { 'WWW-Authenticate': authorization });
      response.end(`wrong token: ${authorization} ${authorization.slice('Bearer '.length)}`);
    });
    await new Promise<void>((resolve) => parrot.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void parrot.close().closeAllConnections());
    const url = `http://127.0.0.1:${String((parrot.address() as AddressInfo).port)}`;
    const program = serve(environmentOf({ url }), { 'log.level': 'debug' });
    await program.ready();
    // Each test looks for tokens in all that was said; here it matters that the API's words were repeated at all.
    expect(program.errorOutput).toContain('wrong token');
  });
});

describe('a rate limit', () => {
  it('stops all requests for the time the API asks for, then the poll goes on', async () => {
    const simulator = await simulate(cloudOf(1));
    simulator.faults.order({ kind: 'status', status: 429, retryAfterSeconds: 2, times: 1 });
    const program = serve(environmentOf(simulator));
    await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1));
    const [first, second] = simulator.requests;
    // Timers and clocks round to the millisecond.
    expect(second!.time - first!.time).toBeGreaterThan(1.99);
    expect(await pollFailures(program)).toEqual({});
    const failed = 'livekit_cloud_exporter_api_request_failures_total';
    expect(await program.value(`${failed}{project="p_1",endpoint="sessions",reason="rate_limited"}`)).toBe(1);
  });

  it('with a pause that is too long to wait fails the polls in it without a request', async () => {
    const simulator = await simulate(cloudOf(1));
    simulator.faults.order({ kind: 'status', status: 429, retryAfterSeconds: 3600, times: 1 });
    const program = serve(environmentOf(simulator));
    await eventually(async () =>
      expect((await pollFailures(program)).rate_limited).toBeGreaterThanOrEqual(3),
    );
    expect(simulator.requests).toHaveLength(1);
  });
});
