// `doctor` against everything that can be wrong, over real HTTP: which check fails, in which words, with which exit code.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder, type AtEnd } from '../at-end.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { diagnose } from './diagnosis.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, startProgram } from './running-program.ts';
import { configurationFile, type ProjectCase, shared, simulateProjects } from './shared-run.ts';
import { cloudOf, environmentOf, keys, project, simulate, unixSeconds } from './simulated-api.ts';

interface Trouble extends Pick<ProjectCase, 'fault' | 'settings'> {
  readonly name: string;
  /** The one check that fails. */
  readonly check: string;
  readonly message: RegExp;
  readonly remedy: RegExp;
}

const troubles: readonly Trouble[] = [
  {
    name: 'a wrong secret',
    settings: { api_secret: `not-${project.apiSecret}` },
    check: 'key and secret',
    message: /answered 401/,
    remedy: /check that the API key and secret belong together/,
  },
  {
    name: 'key and secret swapped',
    settings: { api_key: project.apiSecret, api_secret: project.apiKey },
    check: 'key and secret',
    message: /answered 401/,
    remedy: /swap the API key and the secret/,
  },
  {
    name: 'a key without the grant',
    fault: { kind: 'status', status: 403, body: 'permission denied' },
    check: 'grant and plan',
    message: /answered 403: permission denied/,
    remedy: /check that the API key and secret belong together and to this project/,
  },
  {
    name: 'a plan below Scale',
    fault: { kind: 'scale_plan', status: 401 },
    check: 'grant and plan',
    message: /Scale plan/,
    remedy: /upgrade the plan/,
  },
  {
    name: 'a wrong project id',
    settings: { id: 'p_typo' },
    check: 'project id',
    message: /\/api\/project\/p_typo\/sessions answered 404/,
    remedy: /starts with p_/,
  },
  {
    name: 'a limit that is used up',
    fault: { kind: 'status', status: 429, retryAfterSeconds: 40 },
    check: 'API',
    message: /answered 429 and asked for a pause of 40 s/,
    remedy: /lower api\.requests_per_minute/,
  },
  {
    name: 'an API that does not answer',
    fault: { kind: 'hang' },
    settings: { api: { request_timeout: '500ms' } },
    check: 'API',
    message: /was not answered within 0\.5 s, though the connection was open$/,
    remedy: /raise api\.request_timeout/,
  },
  {
    name: 'an API that has failed',
    fault: { kind: 'status', status: 500 },
    check: 'API',
    message: /answered 500/,
    remedy: /status\.livekit\.io/,
  },
  {
    name: 'a web page instead of JSON',
    fault: { kind: 'html' },
    check: 'API',
    message: /answered 200 with a web page/,
    remedy: /a firewall, proxy, login page/,
  },
  {
    name: 'JSON of another shape',
    fault: { kind: 'wrong_shape', shape: 'null' },
    check: 'session list',
    message: /not a page of sessions/,
    remedy: /check that api\.url is the address of the Analytics API/,
  },
  {
    name: 'rows of which none can be used',
    fault: { kind: 'broken_rows', breakage: 'each_in_turn', rows: 3 },
    check: 'session list',
    message: /no row of the session list could be used/,
    remedy: /look for a newer exporter/,
  },
  {
    name: 'a list that ignores the page',
    fault: { kind: 'endless_pages' },
    check: 'requests',
    message: /the session list has no end: page 1 held no session that was not on one before/,
    remedy: /without a proxy that drops the query/,
  },
  {
    name: 'a list that fails behind its first page',
    fault: { kind: 'status', status: 503, pages: [1] },
    check: 'requests',
    message: /answered 503/,
    remedy: /status\.livekit\.io/,
  },
];

/** Three sessions that began today, at any time of the day. */
function cloudOfToday(): ScriptedCloud {
  const now = Math.floor(unixSeconds());
  const first = Math.max(now - 600, now - (now % 86_400));
  const cloud = new ScriptedCloud({ startedAt: now });
  for (let number = 0; number < 3; number++)
    cloud.addSession({ id: `RM_${String(number)}`, roomName: 'daily', startsAt: first + number });
  return cloud;
}

const skewedClocks: [name: string, seconds: number, direction: string][] = [
  ['a clock that is ahead', -300, 'ahead of'],
  ['a clock that is behind', 300, 'behind'],
];

/** What a poll needs is about 40 requests. */
const budgets = [
  { requestsPerMinute: 150, status: 'ok', words: 'about 40 requests, and the budget allows 75' },
  { requestsPerMinute: 100, status: 'warn', words: 'about 40 requests, and the budget allows 50' },
  { requestsPerMinute: 60, status: 'fail', words: 'about 40 requests, and the budget allows 30' },
];

const detailsBudgets = [
  { requestsPerMinute: 100, status: 'ok', words: 'the details of the 40 active sessions with every poll' },
  { requestsPerMinute: 9, status: 'warn', words: /the details of the 40 active sessions every \d{3,} s$/ },
  { requestsPerMinute: 5, status: 'fail', words: 'leaves about 0 requests per minute' },
];

/** The cases of budgets by name, those that fail or those that do not. */
function budgetCases(fails: boolean): Record<string, ProjectCase> {
  const chosen = (all: typeof detailsBudgets) => all.filter(({ status }) => (status === 'fail') === fails);
  return {
    ...Object.fromEntries(
      chosen(budgets).map(({ requestsPerMinute }) => [
        `budget ${String(requestsPerMinute)}`,
        { cloud: cloudOf(40), settings: { api: { page_size: 1, requests_per_minute: requestsPerMinute } } },
      ]),
    ),
    ...Object.fromEntries(
      chosen(detailsBudgets).map(({ requestsPerMinute }) => [
        `details ${String(requestsPerMinute)}`,
        {
          cloud: cloudOf(40),
          settings: { api: { requests_per_minute: requestsPerMinute }, details: { enabled: true } },
        },
      ]),
    ),
  };
}

/** One run of `doctor` for all of these projects. */
async function diagnoseAll(
  cases: Readonly<Record<string, ProjectCase>>,
  flags: readonly string[],
  atEnd: AtEnd,
) {
  const { file, simulatorOf } = await simulateProjects(cases, atEnd);
  const began = performance.now();
  const diagnosis = await diagnose({}, [`--config.file=${file}`, ...flags], atEnd);
  // The header Date has whole seconds, and some can pass until the answer is there.
  const most = 1 + Math.floor((performance.now() - began) / 1000);
  /** What can be said of a clock that is so many seconds off. */
  const off = (seconds: number) =>
    `(${Array.from({ length: 2 * most + 1 }, (_, index) => String(seconds - most + index)).join('|')}) s`;
  return { file, simulatorOf, off, diagnosis, of: diagnosis.project };
}

describe('doctor', () => {
  const failing = shared(async (atEnd) => {
    const nobody = `http://127.0.0.1:${String(await freePort())}`;
    const cases: Record<string, ProjectCase> = {
      ...Object.fromEntries(troubles.map((trouble) => [trouble.name, { ...trouble, cloud: cloudOfToday() }])),
      'no fault': { cloud: cloudOfToday() },
      ...budgetCases(true),
      'small budget': { cloud: cloudOf(40), settings: { api: { page_size: 1, requests_per_minute: 5 } } },
      nobody: { cloud: cloudOf(0), url: () => nobody },
      nowhere: { cloud: cloudOf(0), url: () => 'http://api.invalid' },
    };
    for (const [name, seconds] of skewedClocks) {
      const now = () => unixSeconds() + seconds;
      // Behind by less than a token lasts, only a clock that is stricter refuses it.
      const tokenNow = () => unixSeconds() + 10 * seconds;
      cases[name] = { cloud: cloudOf(3), simulated: { now, tokenNow } };
    }
    return { nobody, ...(await diagnoseAll(cases, [], atEnd)) };
  });
  const passing = shared((atEnd) => {
    const flags = [
      '--web.listen-address=:0',
      '--web.telemetry-path=/m',
      '--rooms.limit=3',
      '--log.level=debug',
      `--state.dir=${temporaryFolder(atEnd)}`,
    ];
    const cases = {
      'no fault': { cloud: cloudOfToday() },
      ...budgetCases(false),
      'a clock': { cloud: cloudOf(3), simulated: { now: () => unixSeconds() - 30 } },
    };
    return diagnoseAll(cases, flags, atEnd);
  });

  it('takes the flags of serve, and ends with 0 when nothing has failed', () => {
    expect(passing().diagnosis.exitCode).toBe(0);
    expect(passing().diagnosis.status).toBe('warn');
  });

  it('ends with 1 when something has', () => {
    expect(failing().diagnosis.exitCode).toBe(1);
    expect(failing().diagnosis.status).toBe('fail');
    expect(failing().diagnosis.checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  it('finds nothing wrong where nothing is, and says how many requests that took', () => {
    const { simulatorOf, of } = passing();
    const { complaints, status, requests, finding } = of('no fault');
    expect(complaints).toEqual([]);
    expect(finding('session details')).toBeUndefined();
    expect([status, requests]).toEqual(['ok', simulatorOf('no fault').requests.length]);
    expect(finding('session list')?.message).toBe('3 sessions on its first page of today');
    expect(finding('requests')?.message).toBe(
      'a poll needs about 1 request, and the budget allows 50 (1 page in the window, newest sessions first)',
    );
  });

  it('checks each project, whatever becomes of the others', () => {
    const { complaints, status } = failing().of('no fault');
    expect([status, complaints]).toEqual(['ok', []]);
  });

  it.each(troubles)('names $name', async ({ name, check, message, remedy }) => {
    const { simulatorOf, diagnosis, of } = failing();
    const { status, complaints, requests } = of(name);
    expect(status).toBe('fail');
    expect(complaints).toEqual([
      {
        check,
        status: 'fail',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      },
    ]);
    // One that is given up after 200 ms can be over before it is read here.
    await eventually(() => expect(requests).toBe(simulatorOf(name).requests.length));
    expect(diagnosis.said).not.toContain(project.apiSecret);
  });

  it('names a port on which nobody listens', () => {
    const { nobody, of } = failing();
    const { complaints, finding } = of('nobody');
    expect(complaints).toMatchObject([
      {
        check: 'connection',
        status: 'fail',
        message: expect.stringMatching(`^GET ${nobody}/api/project/p_\\d+/sessions failed: ECONNREFUSED$`),
        remedy: expect.stringContaining('firewall'),
      },
    ]);
    expect(finding('requests')).toMatchObject({
      status: 'skip',
      message: 'not checked: connection failed',
    });
  });

  it('names a host that does not exist', () => {
    expect(failing().of('nowhere').complaints).toMatchObject([
      {
        check: 'name resolution',
        status: 'fail',
        message: expect.stringMatching(/failed: (ENOTFOUND|EAI_AGAIN)$/),
        remedy: expect.stringContaining('api.invalid was not found'),
      },
    ]);
  });

  it.each(skewedClocks)('names %s by which tokens are refused', (name, _seconds, direction) => {
    const { off, of } = failing();
    const words = `${off(300)} ${direction} the API's`;
    const remedy = expect.stringMatching(
      `^set this machine's clock: it is ${words}, which makes tokens invalid$`,
    );
    const message = expect.stringMatching(`^${words}: tokens are refused beyond 60 s$`);
    expect(of(name).complaints).toEqual([
      { check: 'clock', status: 'fail', message, remedy },
      { check: 'key and secret', status: 'fail', message: expect.stringContaining('answered 401'), remedy },
    ]);
  });

  it('warns of a clock that is a little off, which is no failure', () => {
    const { off, of } = passing();
    const { complaints, status } = of('a clock');
    expect(status).toBe('warn');
    expect(complaints).toMatchObject([
      {
        check: 'clock',
        status: 'warn',
        message: expect.stringMatching(`^${off(30)} ahead of the API's$`),
        remedy: expect.stringContaining('NTP'),
      },
    ]);
  });

  it.each(budgets)(
    'finds a budget of $requestsPerMinute requests a minute: $status',
    ({ requestsPerMinute, status, words }) => {
      const { simulatorOf, of } = status === 'fail' ? failing() : passing();
      const name = `budget ${String(requestsPerMinute)}`;
      expect(of(name).status).toBe(status);
      expect(of(name).finding('requests')).toMatchObject({ status, message: expect.stringContaining(words) });
      expect(simulatorOf(name).requests.length).toBeLessThanOrEqual(20);
    },
  );

  it.each(detailsBudgets)(
    'finds a budget of $requestsPerMinute requests a minute for session details, where they are read: $status',
    ({ requestsPerMinute, status, words }) => {
      const { of } = status === 'fail' ? failing() : passing();
      const finding = of(`details ${String(requestsPerMinute)}`).finding('session details');
      expect(finding).toMatchObject({ status, message: expect.stringMatching(words) });
    },
  );

  it('keeps the budget itself, without waiting for it', () => {
    const { simulatorOf, of } = failing();
    const { requests, finding } = of('small budget');
    expect([simulatorOf('small budget').requests.length, requests]).toEqual([5, 5]);
    expect(finding('requests')?.message).toContain('at least 5 pages in the window');
  });

  it('says that nothing is in a new state folder', () => {
    const state = passing().diagnosis.finding('state');
    expect(state).toMatchObject({ status: 'ok', message: 'nothing written yet' });
  });

  it('says what the log says when a poll fails for that reason', async () => {
    // After all other tests of these APIs: it asks them more.
    const { file, of } = failing();
    const program = serve({}, { 'config.file': file });
    for (const { name, check } of troubles.slice(0, 5)) {
      const line = await eventually(() => {
        const failed = program.log.find(
          ({ msg, project }) => String(msg).startsWith('Poll failed') && project === name,
        );
        return failed ?? expect.fail('No poll has failed yet.');
      });
      const finding = of(name).finding(check);
      expect([finding?.message, finding?.remedy]).toEqual([line['err'], line['remedy']]);
    }
  });

  it('stops when it is asked to', async () => {
    const simulator = await simulate(cloudOfToday());
    simulator.faults.order({ kind: 'hang' });
    const program = startProgram(['doctor'], environmentOf(simulator));
    await eventually(() => expect(simulator.requests).toHaveLength(1));
    program.signal('SIGTERM');
    expect(await program.exit()).toBe(1);
    expect(program.errorOutput).not.toContain('defect');
  });

  it('prints lines of a terminal without --json', async () => {
    const simulator = await simulate(cloudOf(1));
    const projects = [
      { name: 'wrong id', id: 'p_typo', ...keys },
      { name: 'right', id: project.id, ...keys },
      { name: 'wrong secret', id: 'p_2', ...keys, api_secret: 'another' },
    ];
    const file = configurationFile({ projects, api: { url: simulator.url } }, onTestFinished);
    const program = startProgram(['doctor', `--config.file=${file}`]);
    expect(await program.exit()).toBe(1);
    expect(program.output.match(/^(?:Project \w.*|FAIL {2}\w+ \w+)/gm)).toEqual([
      'Project wrong id (p_typo)',
      'FAIL  project id',
      'Project right (p_1)',
      'Project wrong secret (p_2)',
      'FAIL  project id',
    ]);
    expect(program.output).toMatch(
      /^ok {4}configuration {4}valid; projects: wrong id, right, wrong secret\n/,
    );
    expect(program.output).toMatch(/\n2 failed; requests made: \d+\.\n$/);
    for (const line of program.output.split('\n')) expect(line).toMatch(/^[\x20-\x7e]{0,80}$/);
  });

  it('checks the configuration first, with all its mistakes, and shows no secret', async () => {
    const password = 'hunter2-of-the-proxy';
    const { exitCode, complaints, projects, status, said } = await diagnose(
      {
        LIVEKIT_PROJECT_ID: 'p_1',
        LIVEKIT_API_SECRET: `${project.apiSecret}\n`,
        HTTPS_PROXY: `socks5://user:${password}@proxy:1080`,
      },
      ['--poll.interval=5x'],
    );
    expect([exitCode, status, projects]).toEqual([1, 'fail', []]);
    expect(complaints.map(({ check, message }) => `${check}: ${message}`)).toEqual([
      expect.stringContaining('configuration: HTTPS_PROXY: SOCKS'),
      expect.stringContaining('configuration: --poll.interval: 5x is not a duration'),
      expect.stringContaining('configuration: LIVEKIT_API_KEY: not set'),
      expect.stringContaining('configuration: LIVEKIT_API_SECRET: the value holds'),
    ]);
    expect(said).not.toContain(project.apiSecret);
    expect(said).not.toContain(password);
  });
});

describe('the state folder', () => {
  it('of a running exporter is no obstacle, and stays with it; a damaged state is named, with the project', async () => {
    const simulator = await simulate(cloudOf(1));
    const folder = temporaryFolder(onTestFinished);
    const program = serve(environmentOf(simulator), { 'state.dir': folder });
    await program.ready();
    const running = await diagnose(environmentOf(simulator), [`--state.dir=${folder}`]);
    expect(running.exitCode).toBe(0);
    expect(running.finding('state')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(
        /^in use by process \d+ on host \S+, last written \d{4}-\d\d-\d\dT[\d:.]+Z$/,
      ),
    });
    program.signal('SIGTERM');
    expect(await program.exit()).toBe(0);
    expect(program.log.filter(({ level }) => level === 'ERROR')).toEqual([]);

    const [file = ''] = await readdir(folder);
    await writeFile(join(folder, file), 'projects: []\n');
    const { exitCode, complaints } = await diagnose(environmentOf(simulator), [`--state.dir=${folder}`]);
    expect(exitCode).toBe(1);
    const message = expect.stringMatching(
      /would set aside states and count from zero: that of p_1 \(p_1\): it is not a file of the kind/,
    ) as string;
    expect(complaints).toMatchObject([{ check: 'state', message }]);
  });

  it('that is not there is named', async () => {
    const simulator = await simulate(cloudOf(1));
    const { exitCode, complaints, projects } = await diagnose(environmentOf(simulator), [
      `--state.dir=${join(temporaryFolder(onTestFinished), 'nowhere')}`,
    ]);
    expect(exitCode).toBe(1);
    const message = expect.stringMatching(/Cannot use the state folder .*Create it/) as string;
    expect(complaints).toMatchObject([{ check: 'state', message }]);
    expect(projects[0]?.status).toBe('ok');
  });
});
