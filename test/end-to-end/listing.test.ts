// How the program reads the list: which pages and days it asks for, how fast, and what it makes of a list that
// is broken in part.
import { describe, expect, it } from 'vitest';
import type { AtEnd } from '../at-end.ts';
import { utcMonth } from '../../src/core/utc-month.ts';
import { utcDay } from '../../src/livekit/wire/wire.ts';
import { rejectionReasons } from '../../src/core/session-row.ts';
import type { FaultOrder } from '../simulator-support/faults.ts';
import type { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { eventually } from './eventually.ts';
import { serve, startProgram, valueIn, type RunningProgram } from './running-program.ts';
import { type ProjectCase, shared, simulateProjects } from './shared-run.ts';
import { cloudOf, environmentOf, handClock, type HandClock, simulate, unixSeconds } from './simulated-api.ts';

const day = 86_400;

const labelled = (family: string, project: string) => `${family}{project="${project}"}`;
const activeSessions = (project: string) => labelled('livekit_cloud_active_sessions', project);
const bytesIn = (project: string) => labelled('livekit_cloud_bandwidth_in_bytes_total', project);
const up = (project: string) => labelled('livekit_cloud_up', project);
const polls = (project: string) => labelled('livekit_cloud_exporter_polls_total', project);
const windowComplete = (project: string) => labelled('livekit_cloud_exporter_window_complete', project);

/** Until so many more polls of the project have begun and ended. */
async function polled(program: RunningProgram, project: string, times: number): Promise<void> {
  const before = (await program.value(polls(project))) ?? 0;
  // The poll at hand may have begun earlier.
  await eventually(async () => expect(await program.value(polls(project))).toBeGreaterThan(before + times));
}

/** `once` for all of these projects. */
async function pollOnce(
  cases: Readonly<Record<string, ProjectCase>>,
  flags: readonly string[],
  atEnd: AtEnd,
) {
  const { file, simulatorOf } = await simulateProjects(cases, atEnd);
  const began = performance.now();
  const program = startProgram(['once', `--config.file=${file}`, ...flags], {}, atEnd);
  const exitCode = await program.exit();
  const seconds = (performance.now() - began) / 1000;
  const valueOf = (series: string) => valueIn(program.output, series);
  return { exitCode, seconds, simulatorOf, valueOf, output: program.output, log: program.errorOutput };
}

/** Three sessions that go on, and 200 three days ago. */
function cloudWithPast(): ScriptedCloud {
  const cloud = cloudOf(3);
  const before = Math.floor(unixSeconds()) - 3 * day;
  for (let startsAt = before - 200; startsAt < before; startsAt++)
    cloud.addSession({ id: `RM_${String(startsAt)}`, roomName: 'old', startsAt, endsAt: startsAt + 60 });
  return cloud;
}

describe('once', () => {
  const run = shared((atEnd) => {
    // All of one day, also just after midnight.
    const rowsOfToday = cloudOf(20, { startsAt: Math.floor(unixSeconds()) });
    const cases: Record<string, ProjectCase> = {
      'small budget': {
        cloud: cloudWithPast(),
        settings: { api: { page_size: 1, requests_per_minute: 60 } },
      },
      'broken rows': {
        cloud: rowsOfToday,
        fault: { kind: 'broken_rows', breakage: 'each_in_turn', rows: 16, pages: [0] },
      },
      // By the clock of this API it is tomorrow already.
      tomorrow: {
        cloud: cloudOf(3, { endsAt: Math.floor(unixSeconds()) }),
        simulated: { now: () => unixSeconds() + day },
      },
    };
    return pollOnce(cases, [], atEnd);
  });

  it('reads today, and of older days no more than the budget has for a poll', () => {
    const { exitCode, seconds, valueOf } = run();
    expect(exitCode).toBe(0);
    expect(valueOf(activeSessions('small budget'))).toBe(3);
    expect(valueOf(windowComplete('small budget'))).toBe(0);
    expect(seconds).toBeLessThan(30);
  });

  it('loses the rows that are broken, counted by reason, and no others', () => {
    const { output, valueOf } = run();
    const rejected = rejectionReasons.map((reason): [string, number | undefined] => [
      reason,
      valueOf(`livekit_cloud_exporter_rows_rejected_total{project="broken rows",reason="${reason}"}`),
    ]);
    // While older days are listed the page is read again, and its rows are rejected again.
    const readings = (Object.fromEntries(rejected).not_an_object ?? 0) / 2;
    expect(readings).toBeGreaterThanOrEqual(1);
    expect(Object.fromEntries(rejected.map(([reason, rows = NaN]) => [reason, rows / readings]))).toEqual({
      not_an_object: 2,
      invalid_session_id: 3,
      invalid_room_name: 0,
      invalid_timestamp: 3,
      future_timestamp: 1,
      invalid_number: 3,
      negative_number: 1,
      invalid_egress: 1,
      too_many_sessions: 0,
    });
    // A room without a name and one whose name is no Unicode are odd, not broken.
    expect(valueOf(activeSessions('broken rows'))).toBe(6);
    expect(valueOf('livekit_cloud_room_active_sessions{project="broken rows",room="__other__"}')).toBe(1);
    expect(output).toContain('{project="broken rows",room="half a \u{fffd} smile"');
  });

  it('leaves out the oldest day when the API refuses it as too long ago', () => {
    const { valueOf } = run();
    expect(valueOf(labelled('livekit_cloud_exporter_tracked_sessions', 'tomorrow'))).toBe(3);
    expect(valueOf(windowComplete('tomorrow'))).toBe(1);
    const failed = 'livekit_cloud_exporter_api_request_failures_total';
    expect(valueOf(`${failed}{project="tomorrow",endpoint="sessions",reason="server"}`)).toBe(1);
  });
});

describe('once fails', () => {
  const run = shared((atEnd) => {
    const cases: Record<string, ProjectCase> = {
      good: { cloud: cloudOf(3) },
      bad: { cloud: cloudOf(3), fault: { kind: 'status', status: 403 } },
      unusable: {
        cloud: cloudOf(3),
        fault: { kind: 'broken_rows', breakage: 'missing_id', rows: 3 },
      },
      endless: {
        cloud: cloudOf(20),
        fault: { kind: 'endless_pages' },
        settings: { api: { page_size: 5 } },
      },
    };
    return pollOnce(cases, [], atEnd);
  });

  it('for one project independently of another', () => {
    const { exitCode, output, valueOf } = run();
    expect(exitCode).toBe(1);
    expectOneUp(output);
    const failed = 'livekit_cloud_exporter_poll_failures_total{project="good",reason="auth"}';
    expect(valueOf(failed)).toBe(0);
    expect(valueOf(failed.replace('good', 'bad'))).toBe(1);
  });

  it('when not one of the rows can be used', () => {
    expect(run().log).toMatch(
      /project=unusable reason=schema err="no row .+ could be used: invalid_session_id"/,
    );
  });

  it('when the list never ends', () => {
    const { log, simulatorOf, valueOf } = run();
    expect(log).toMatch(/project=endless reason=schema err="the session list has no end: /);
    expect(valueOf(up('endless'))).toBe(0);
    expect(simulatorOf('endless').requests.length).toBeLessThan(30);
  });
});

function expectOneUp(metrics: string): void {
  expect(valueIn(metrics, up('good'))).toBe(1);
  expect(valueIn(metrics, up('bad'))).toBe(0);
  expect(valueIn(metrics, activeSessions('good'))).toBe(3);
  expect(metrics).not.toMatch(/_active_\w+\{project="bad"/);
}

describe('once with --whole-window', () => {
  const now = Math.floor(unixSeconds());
  const ended = Array.from({ length: 100 }, (_, number) => now - 7200 - number);

  const run = shared((atEnd) => {
    const cloud = cloudOf(3);
    for (const startsAt of ended)
      cloud.addSession({ id: `RM_${String(startsAt)}`, roomName: 'old', startsAt, endsAt: startsAt + 150 });
    const simulated = { requestsPerMinute: 10_000 };
    const details = { enabled: true };
    const cases: Record<string, ProjectCase> = {
      list: { cloud: cloudWithPast(), simulated, settings: { api: { page_size: 1 } } },
      details: { cloud, simulated, settings: { details } },
      unreadable: {
        cloud: cloudOf(5),
        simulated,
        settings: { details },
        fault: { kind: 'status', status: 500, endpoint: 'session' },
      },
    };
    const flags = ['--whole-window', '--api.requests-per-minute=1000', '--poll.interval=2s'];
    return pollOnce(cases, flags, atEnd);
  });

  it('reads all of the window, however many polls that takes', () => {
    const { exitCode, valueOf } = run();
    expect(exitCode).toBe(0);
    expect(valueOf(polls('list'))).toBeGreaterThan(1);
    expect(valueOf(windowComplete('list'))).toBe(1);
  });

  it('reads the details of all sessions, however many polls that takes, for the month to be whole', () => {
    const { valueOf } = run();
    expect(valueOf(polls('details'))).toBeGreaterThan(2);
    // Two people in each session, three minutes each, as far as they began in this month.
    const { begin } = utcMonth(now);
    const minutes = ended.flatMap((startsAt) => [0, 60, 120].map((later) => startsAt + later));
    const past = 2 * 60 * minutes.filter((at) => at >= begin).length;
    const [least, most] = begin < now - 900 ? [6 * 60 * 10, 6 * 60 * 12] : [0, 6 * 60 * 12];
    const seconds = valueOf(labelled('livekit_cloud_month_connection_seconds', 'details'));
    expect(seconds).toBeGreaterThanOrEqual(past + least);
    expect(seconds).toBeLessThanOrEqual(past + most);
    const coveredSince = valueOf(labelled('livekit_cloud_month_covered_since_timestamp_seconds', 'details'));
    expect(coveredSince).toBe(Math.max(begin, coveredSince ?? 0));
    expect(coveredSince).toBeLessThan(now - 6 * day > begin ? now - 6 * day : begin + 1);
  });

  it('ends when details cannot be read, and says so', () => {
    expect(run().log).toMatch(/msg="Session details cannot be read[^"]*" project=unreadable/);
  });
});

// They wait for polls of the same program: at the same time, it makes fewer.
describe.concurrent('serve', () => {
  const now = unixSeconds();
  const shifts: { name: string; clock: HandClock; fault: FaultOrder }[] = [
    {
      name: 'rows come twice',
      clock: handClock(),
      fault: { kind: 'shifting_pages', change: 'inserted', sessions: 2 },
    },
    {
      name: 'rows are missing from one of its pages',
      clock: handClock(),
      fault: { kind: 'shifting_pages', change: 'removed', sessions: 2, pages: [1], times: 1 },
    },
  ];

  function cloudOfDays(): ScriptedCloud {
    const cloud = cloudOf(0);
    for (let back = 3; back < 7; back++) {
      cloud.addSession({ roomName: 'settled', startsAt: now - back * day, endsAt: now - back * day + 600 });
    }
    cloud.addSession({ roomName: 'two days', startsAt: now - 2 * day });
    return cloud;
  }

  function cloudOfPages(): ScriptedCloud {
    const cloud = cloudOf(5);
    const hoursAgo = now - 9000;
    for (let number = 0; number < 100; number++) {
      cloud.addSession({ roomName: 'settled', startsAt: hoursAgo - number, endsAt: hoursAgo + 60 });
    }
    return cloud;
  }

  const run = shared(async (atEnd) => {
    const pagesOf = (rows: number) => ({ api: { page_size: rows } });
    const cases: Record<string, ProjectCase> = {
      good: { cloud: cloudOf(3) },
      bad: {
        cloud: cloudOf(3),
        fault: { kind: 'hang' },
        settings: { api: { request_timeout: '5m' } },
      },
      'large pages': {
        cloud: cloudOf(900, { startsAt: Math.floor(unixSeconds()) }),
        settings: { rooms: { limit: 0 } },
      },
      waiting: {
        cloud: cloudOf(40),
        fault: { kind: 'status', status: 429, retryAfterSeconds: 1, pages: [5], times: 1 },
        settings: { ...pagesOf(1), poll: { interval: '1m' } },
      },
      days: { cloud: cloudOfDays(), settings: pagesOf(1) },
      pages: { cloud: cloudOfPages(), settings: pagesOf(10) },
    };
    for (const { name, clock } of shifts)
      cases[name] = {
        cloud: cloudOf(20, { inRate: 10 }),
        simulated: { now: () => clock.now },
        settings: pagesOf(5),
      };
    const { file, simulatorOf } = await simulateProjects(cases, atEnd);
    return { simulatorOf, program: serve({}, { 'config.file': file, 'log.level': 'debug' }, atEnd) };
  });

  it('polls a project again and again while another one hangs from the start', async () => {
    const { program } = run();
    await eventually(async () => expect(await program.value(polls('good'))).toBeGreaterThan(1));
    await eventually(async () =>
      expect(await program.get('/-/ready')).toMatchObject({
        status: 503,
        body: expect.stringMatching(/: bad\n$/),
      }),
    );
    expectOneUp(await program.metrics());
  });

  it.each(shifts)('counts right when $name', async ({ name, clock, fault }) => {
    const { simulatorOf, program } = run();
    await eventually(async () => expect(await program.value(windowComplete(name))).toBe(1));
    simulatorOf(name).faults.order(fault);
    clock.now += 10;
    await eventually(async () => expect(await program.value(bytesIn(name))).toBe(20 * 10 * 10));
    await polled(program, name, 1);
    const metrics = await program.metrics();
    expect(valueIn(metrics, activeSessions(name))).toBe(20);
    expect(valueIn(metrics, bytesIn(name))).toBe(20 * 10 * 10);
    expect(valueIn(metrics, labelled('livekit_cloud_sessions_started_total', name))).toBe(0);
    // Every poll in between had all of them, too.
    const lines = program.log.filter(({ project }) => project === name);
    const seen = lines.flatMap(({ active_sessions: sessions }) => sessions ?? []);
    expect(new Set(seen)).toEqual(new Set([20]));
  });

  it('asks for larger pages when that saves requests, and shows it', async () => {
    const { program } = run();
    const pageRows = labelled('livekit_cloud_exporter_api_page_rows', 'large pages');
    await eventually(async () => expect(await program.value(pageRows)).toBe(400));
    await polled(program, 'large pages', 1);
    expect(await program.value(activeSessions('large pages'))).toBe(900);
    const changes = program.log.filter(
      ({ msg, project }) => msg === 'Pages of the session list change in size' && project === 'large pages',
    );
    expect(changes.map(({ level, before, rows }) => [level, before, rows].join(' '))).toEqual([
      'DEBUG 100 200',
      'DEBUG 200 400',
    ]);
  });

  it('shows the time that requests waited for the budget', async () => {
    const { program } = run();
    // The pages behind the one that was refused had to wait for the pause that the API asked for.
    const waited = labelled('livekit_cloud_exporter_api_budget_wait_seconds_total', 'waiting');
    await eventually(async () => expect(await program.value(polls('waiting'))).toBeGreaterThan(0));
    expect(await program.value(waited)).toBeGreaterThan(0.9);
  });

  it('spares the budget by listing only the days that can still change', async () => {
    const { simulatorOf, program } = run();
    const { requests } = simulatorOf('days');
    await eventually(async () => expect(await program.value(windowComplete('days'))).toBe(1));
    await polled(program, 'days', 1);
    const first = requests.length;
    await polled(program, 'days', 2);
    const starts = requests.map(({ start }) => start);
    expect(starts[0]).toBe(utcDay(now));
    expect(new Set(starts.slice(first))).toEqual(new Set([utcDay(now - 2 * day)]));
    expect(new Set(requests.map(({ end }) => end))).toEqual(new Set([undefined]));
  });

  it('spares the budget by reading only the pages that can have changed', async () => {
    const { simulatorOf, program } = run();
    const { requests } = simulatorOf('pages');
    await eventually(async () => expect(await program.value(windowComplete('pages'))).toBe(1));
    await polled(program, 'pages', 1);
    // The polls of a longer time than the requests: however long a look at them takes, it makes no request too many.
    const pollsBefore = (await program.value(polls('pages'))) ?? 0;
    const first = requests.length;
    await polled(program, 'pages', 3);
    // Each poll reads the page of the open sessions and one more of the rolling re-listing. One may be under way at
    // either end.
    const made = requests.length - first;
    const pollsSince = ((await program.value(polls('pages'))) ?? 0) - pollsBefore;
    expect(made).toBeLessThanOrEqual(2 * (pollsSince + 2));
  });
});

it('serve never exceeds the request budget, however many pages there are', async () => {
  // Of today also just after midnight: today is listed first, and a request for a day without sessions brings no page.
  const simulator = await simulate(cloudOf(50, { startsAt: Math.floor(unixSeconds()) }));
  const flags = { 'api.page-size': '1', 'api.requests-per-minute': '7' };
  const program = serve(environmentOf(simulator), flags);
  const answered = 'livekit_cloud_exporter_api_requests_total{project="p_1",endpoint="sessions"}';
  await eventually(async () => expect(await program.value(answered)).toBe(7));
  // Pages are listed within milliseconds: were there an eighth request, it would arrive in the time of these.
  for (let scrape = 0; scrape < 200; scrape++) await program.metrics();
  expect(simulator.requests).toHaveLength(7);
  expect((await program.get('/')).body).toMatch(/7 pages,\s+7 (rows|sessions)/);
  const budget = labelled('livekit_cloud_exporter_api_budget_requests_per_second', 'p_1');
  expect(await program.value(budget)).toBeCloseTo(7 / 60);
});
