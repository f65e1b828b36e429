// `doctor` against everything that can be wrong, over real HTTP: which check fails, in which words, with which exit code.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import type { FaultOrder } from '../simulator-support/faults.ts';
import { complaintsAmong, diagnose, type Diagnosis } from './diagnosis.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, startProgram } from './running-program.ts';
import { type AtEnd, cloudOf, environmentOf, keys, project, simulate, unixSeconds } from './simulated-api.ts';

interface Trouble {
  readonly name: string;
  readonly fault?: FaultOrder;
  /** Settings of the project. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly requestTimeout?: string;
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
    requestTimeout: '500ms',
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

/** One run of `doctor` for all of them: a project each, with an API of its own. */
async function diagnoseAll(all: readonly Trouble[], atEnd: AtEnd) {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  atEnd(() => rm(folder, { recursive: true }));
  const idOf = (index: number) => `p_${String(index)}`;
  const simulators = await Promise.all(
    all.map((_, index) => {
      const cloud = cloudOfToday();
      return simulate(cloud, { projects: [{ ...project, id: idOf(index), cloud }] }, atEnd);
    }),
  );
  const projects = all.map(({ name, fault, settings, requestTimeout }, index) => {
    const { faults, url } = simulators[index]!;
    if (fault) faults.order(fault);
    const api = { url, ...(requestTimeout !== undefined && { request_timeout: requestTimeout }) };
    return { name, id: idOf(index), ...keys, ...settings, api };
  });
  const file = join(folder, 'exporter.yml');
  await writeFile(file, JSON.stringify({ projects }));
  return { simulators, diagnosis: await diagnose({}, [`--config.file=${file}`], atEnd) };
}

describe('doctor', () => {
  it('finds nothing wrong where nothing is, and says how many requests that took', async () => {
    const simulator = await simulate(cloudOfToday());
    const { exitCode, complaints, projects, finding } = await diagnose(environmentOf(simulator));
    expect(exitCode).toBe(0);
    expect(complaints).toEqual([]);
    expect(finding('session details')).toBeUndefined();
    expect(projects).toMatchObject([{ name: 'p_1', status: 'ok', requests: simulator.requests.length }]);
    expect(finding('session list')?.message).toBe('3 sessions on its first page of today');
    expect(finding('requests')?.message).toBe(
      'a poll needs about 1 request, and the budget allows 50 (1 page in the window, newest sessions first)',
    );
  });

  /** Each of the troubles, found in a project of its own. */
  let run: Awaited<ReturnType<typeof diagnoseAll>>;

  beforeAll(async () => {
    const ends: (() => unknown)[] = [];
    const atEnd: AtEnd = (end) => void ends.unshift(end);
    run = await diagnoseAll(troubles, atEnd);
    return async () => {
      for (const end of ends) await end();
    };
  });

  it.each(troubles.map((trouble, index) => ({ ...trouble, index })))(
    'names $name',
    async ({ index, check, message, remedy }) => {
      const { simulators, diagnosis } = run;
      const simulator = simulators[index]!;
      const found = diagnosis.projects[index]!;
      expect(found.status).toBe('fail');
      expect(complaintsAmong([...diagnosis.checks, ...found.checks])).toEqual([
        {
          check,
          status: 'fail',
          message: expect.stringMatching(message),
          remedy: expect.stringMatching(remedy),
        },
      ]);
      expect(diagnosis.exitCode).toBe(1);
      // One that is given up after 200 ms can be over before it is read here.
      await eventually(() => expect(found.requests).toBe(simulator.requests.length));
      expect(diagnosis.said).not.toContain(project.apiSecret);
    },
  );

  it('says what the log says when a poll fails for that reason', async () => {
    const simulator = await simulate(cloudOfToday());
    for (const { fault, check } of troubles.slice(2, 4)) {
      simulator.faults.clear();
      if (fault) simulator.faults.order(fault);
      const variables = environmentOf(simulator);
      const program = serve(variables);
      const line = await eventually(() => {
        const failed = program.log.find(({ msg }) => String(msg).startsWith('Poll failed'));
        return failed ?? expect.fail('No poll has failed yet.');
      });
      program.signal('SIGTERM');
      await program.exit();
      const finding = (await diagnose(variables)).finding(check);
      expect([finding?.message, finding?.remedy]).toEqual([line['err'], line['remedy']]);
    }
  });

  it('names a port on which nobody listens', async () => {
    const url = `http://127.0.0.1:${String(await freePort())}`;
    const { exitCode, complaints, finding } = await diagnose(environmentOf({ url }));
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      {
        check: 'connection',
        message: `GET ${url}/api/project/p_1/sessions failed: ECONNREFUSED`,
        remedy: expect.stringContaining('firewall'),
      },
    ]);
    expect(finding('requests')).toMatchObject({
      status: 'skip',
      message: 'not checked: connection failed',
    });
  });

  it('names a host that does not exist', async () => {
    const { exitCode, complaints } = await diagnose(environmentOf({ url: 'http://api.invalid' }));
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      {
        check: 'name resolution',
        message: expect.stringMatching(/failed: (ENOTFOUND|EAI_AGAIN)$/),
        remedy: expect.stringContaining('api.invalid was not found'),
      },
    ]);
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
});

/** `diagnose`, and what it can say of a clock that is so many seconds off. */
async function diagnoseClock(
  seconds: number,
  environment: Readonly<Record<string, string>>,
): Promise<Diagnosis & { words: string }> {
  const began = performance.now();
  const diagnosis = await diagnose(environment);
  // The header Date has whole seconds, and some can pass until the answer is there.
  const most = 1 + Math.floor((performance.now() - began) / 1000);
  const all = Array.from({ length: 2 * most + 1 }, (_, index) => String(seconds - most + index));
  return { ...diagnosis, words: `(${all.join('|')}) s` };
}

describe('the clock', () => {
  it.each([
    [300, 'behind'],
    [-300, 'ahead of'],
  ])('by which tokens are refused is named, with %i s', async (seconds, direction) => {
    const now = () => unixSeconds() + seconds;
    // Behind by less than a token lasts, only a clock that is stricter refuses it.
    const tokenNow = () => unixSeconds() + 10 * seconds;
    const simulator = await simulate(cloudOf(3), { now, tokenNow });
    const clock = await diagnoseClock(300, environmentOf(simulator));
    const { exitCode, complaints } = clock;
    expect(exitCode).toBe(1);
    const words = `${clock.words} ${direction} the API's`;
    const remedy = expect.stringMatching(
      `^set this machine's clock: it is ${words}, which makes tokens invalid$`,
    );
    const message = expect.stringMatching(`^${words}: tokens are refused beyond 60 s$`);
    expect(complaints).toEqual([
      { check: 'clock', status: 'fail', message, remedy },
      { check: 'key and secret', status: 'fail', message: expect.stringContaining('answered 401'), remedy },
    ]);
  });

  it('that is a little off is a warning, and no failure', async () => {
    const simulator = await simulate(cloudOf(3), { now: () => unixSeconds() - 30 });
    const { exitCode, complaints, status, words } = await diagnoseClock(30, environmentOf(simulator));
    expect([exitCode, status]).toEqual([0, 'warn']);
    expect(complaints).toMatchObject([
      {
        check: 'clock',
        status: 'warn',
        message: expect.stringMatching(`^${words} ahead of the API's$`),
        remedy: expect.stringContaining('NTP'),
      },
    ]);
  });
});

describe('the budget', () => {
  it.each([
    {
      requestsPerMinute: 150,
      status: 'ok',
      exitCode: 0,
      words: 'about 40 requests, and the budget allows 75',
    },
    {
      requestsPerMinute: 100,
      status: 'warn',
      exitCode: 0,
      words: 'about 40 requests, and the budget allows 50',
    },
    {
      requestsPerMinute: 60,
      status: 'fail',
      exitCode: 1,
      words: 'about 40 requests, and the budget allows 30',
    },
  ])(
    'of $requestsPerMinute requests a minute: $status',
    async ({ requestsPerMinute, status, exitCode, words }) => {
      const simulator = await simulate(cloudOf(40));
      const diagnosis = await diagnose(environmentOf(simulator), [
        '--api.page-size=1',
        `--api.requests-per-minute=${String(requestsPerMinute)}`,
      ]);
      expect(diagnosis.finding('requests')).toMatchObject({
        status,
        message: expect.stringContaining(words),
      });
      expect(diagnosis.exitCode).toBe(exitCode);
      expect(simulator.requests.length).toBeLessThanOrEqual(20);
    },
  );

  it.each([
    { requestsPerMinute: 100, status: 'ok', words: 'the details of the 40 active sessions with every poll' },
    { requestsPerMinute: 9, status: 'warn', words: /the details of the 40 active sessions every \d{3,} s$/ },
    { requestsPerMinute: 5, status: 'fail', words: 'leaves about 0 requests per minute' },
  ])(
    'of $requestsPerMinute requests a minute is looked at for session details, where they are read: $status',
    async ({ requestsPerMinute, status, words }) => {
      const simulator = await simulate(cloudOf(40));
      const flags = [`--api.requests-per-minute=${String(requestsPerMinute)}`, '--details.enabled'];
      const { finding } = await diagnose(environmentOf(simulator), flags);
      expect(finding('session details')).toMatchObject({ status, message: expect.stringMatching(words) });
    },
  );

  it('is kept by doctor itself, without waiting for it', async () => {
    const simulator = await simulate(cloudOf(40));
    const flags = ['--api.page-size=1', '--api.requests-per-minute=5'];
    const { projects, finding } = await diagnose(environmentOf(simulator), flags);
    expect(simulator.requests).toHaveLength(5);
    expect(projects[0]?.requests).toBe(5);
    expect(finding('requests')?.message).toContain('at least 5 pages in the window');
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'livekit-cloud-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('the configuration', () => {
  it('is checked first, with all its mistakes', async () => {
    const { exitCode, complaints, projects, status } = await diagnose({ LIVEKIT_PROJECT_ID: 'p_1' }, [
      '--poll.interval=5x',
    ]);
    expect([exitCode, status, projects]).toEqual([1, 'fail', []]);
    expect(complaints.map(({ check, message }) => `${check}: ${message}`)).toEqual([
      expect.stringContaining('configuration: --poll.interval: 5x is not a duration'),
      expect.stringContaining('configuration: LIVEKIT_API_KEY: not set'),
      expect.stringContaining('configuration: LIVEKIT_API_SECRET: not set'),
    ]);
  });

  it.each([
    ['a line break', `${project.apiSecret}\n`],
    ['a space', `${project.apiSecret} x`],
  ])('names a secret with %s without showing it', async (_, value) => {
    const { exitCode, complaints, said } = await diagnose({
      ...environmentOf({ url: 'http://127.0.0.1:1' }),
      LIVEKIT_API_SECRET: value,
    });
    expect(exitCode).toBe(1);
    expect(complaints).toMatchObject([
      { check: 'configuration', message: expect.stringMatching(/^LIVEKIT_API_SECRET: the value holds/) },
    ]);
    expect(said).not.toContain(project.apiSecret);
  });

  it('takes the flags of serve', async () => {
    const simulator = await simulate(cloudOf(1));
    const flags = [
      '--web.listen-address=:0',
      '--web.telemetry-path=/m',
      '--rooms.limit=3',
      '--log.level=debug',
    ];
    expect((await diagnose(environmentOf(simulator), flags)).exitCode).toBe(0);
  });

  it('of several projects: each is checked, whatever becomes of the others', async () => {
    const simulator = await simulate(cloudOf(1));
    const file = join(await temporaryFolder(), 'exporter.yml');
    const projects = [
      { name: 'wrong id', id: 'p_typo', ...keys },
      { name: 'right', id: project.id, ...keys },
      { name: 'wrong secret', id: 'p_2', ...keys, api_secret: 'another' },
    ];
    await writeFile(file, JSON.stringify({ projects, api: { url: simulator.url } }));
    const diagnosis = await diagnose({}, [`--config.file=${file}`]);
    expect(diagnosis.exitCode).toBe(1);
    expect(diagnosis.projects.map(({ name, status }) => [name, status])).toEqual([
      ['wrong id', 'fail'],
      ['right', 'ok'],
      ['wrong secret', 'fail'],
    ]);

    const program = startProgram(['doctor', `--config.file=${file}`]);
    expect(await program.exit()).toBe(1);
    expect(program.output.match(/^Project .*/gm)).toEqual([
      'Project wrong id (p_typo)',
      'Project right (p_1)',
      'Project wrong secret (p_2)',
    ]);
    expect(program.output).toMatch(
      /^ok {4}configuration {4}valid; projects: wrong id, right, wrong secret\n/,
    );
    expect(program.output).toMatch(/\n2 failed; requests made: \d+\.\n$/);
    for (const line of program.output.split('\n')) expect(line).toMatch(/^[\x20-\x7e]{0,80}$/);
  });
});

describe('the state folder', () => {
  it('of a running exporter is no obstacle, and stays with it', async () => {
    const simulator = await simulate(cloudOf(1));
    const folder = await temporaryFolder();
    const flags = [`--state.dir=${folder}`];
    const before = await diagnose(environmentOf(simulator), flags);
    expect(before.finding('state')).toMatchObject({ status: 'ok', message: 'nothing written yet' });

    const program = serve(environmentOf(simulator), { 'state.dir': folder });
    await program.ready();
    const { exitCode, finding } = await diagnose(environmentOf(simulator), flags);
    expect(exitCode).toBe(0);
    expect(finding('state')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(
        /^in use by process \d+ on host \S+, last written \d{4}-\d\d-\d\dT[\d:.]+Z$/,
      ),
    });
    program.signal('SIGTERM');
    expect(await program.exit()).toBe(0);
    expect(program.log.filter(({ level }) => level === 'ERROR')).toEqual([]);
  });

  it('that is not there is named', async () => {
    const simulator = await simulate(cloudOf(1));
    const { exitCode, complaints, projects } = await diagnose(environmentOf(simulator), [
      `--state.dir=${join(await temporaryFolder(), 'nowhere')}`,
    ]);
    expect(exitCode).toBe(1);
    const message = expect.stringMatching(/Cannot use the state folder .*Create it/) as string;
    expect(complaints).toMatchObject([{ check: 'state', message }]);
    expect(projects[0]?.status).toBe('ok');
  });

  it('with a damaged state is named, with the project', async () => {
    const simulator = await simulate(cloudOf(1));
    const folder = await temporaryFolder();
    const program = serve(environmentOf(simulator), { 'state.dir': folder });
    await program.ready();
    program.signal('SIGTERM');
    await program.exit();
    const [file = ''] = await readdir(folder);
    await writeFile(join(folder, file), 'projects: []\n');
    const { exitCode, complaints } = await diagnose(environmentOf(simulator), [`--state.dir=${folder}`]);
    expect(exitCode).toBe(1);
    const message = expect.stringMatching(
      /would set aside states and count from zero: that of p_1 \(p_1\): it is not a file of the kind/,
    ) as string;
    expect(complaints).toMatchObject([{ check: 'state', message }]);
  });
});
