// How the program reads the list: which pages and days it asks for, how fast, and what it makes of a list that
// is broken in part.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { utcMonth } from '../../src/core/utc-month.ts';
import { utcDay } from '../../src/livekit/wire/wire.ts';
import { rejectionReasons } from '../../src/core/session-row.ts';
import type { FaultOrder } from '../simulator-support/faults.ts';
import type { Simulator } from '../simulator-support/test-simulator.ts';
import { eventually } from './eventually.ts';
import { serve, startProgram, valueIn, type RunningProgram } from './running-program.ts';
import { cloudOf, environmentOf, handClock, keys, project, simulate, unixSeconds } from './simulated-api.ts';

const activeSessions = 'livekit_cloud_active_sessions{project="p_1"}';
const bytesIn = 'livekit_cloud_bandwidth_in_bytes_total{project="p_1"}';
const up = 'livekit_cloud_up{project="p_1"}';
const polls = 'livekit_cloud_exporter_polls_total{project="p_1"}';

/** Until so many more polls have begun and ended. */
async function polled(program: RunningProgram, times: number): Promise<void> {
  const before = (await program.value(polls)) ?? 0;
  // The poll at hand may have begun earlier.
  await eventually(async () => expect(await program.value(polls)).toBeGreaterThan(before + times));
}

/** One poll with `once`. */
async function pollOnce(simulator: Simulator, ...flags: string[]): Promise<RunningProgram> {
  const program = startProgram(['once', ...flags], environmentOf(simulator));
  await program.exit();
  return program;
}

it('once reads today, and of older days no more than the budget has for a poll', async () => {
  const cloud = cloudOf(3);
  const startsAt = Math.floor(unixSeconds()) - 3 * 86_400;
  for (let session = 0; session < 200; session++)
    cloud.addSession({ id: `RM_old_${String(session)}`, roomName: 'old', startsAt, endsAt: startsAt + 60 });
  const simulator = await simulate(cloud);
  const began = unixSeconds();
  const program = await pollOnce(simulator, '--api.page-size=1', '--api.requests-per-minute=60');
  expect(await program.exit()).toBe(0);
  expect(valueIn(program.output, activeSessions)).toBe(3);
  expect(valueIn(program.output, 'livekit_cloud_exporter_window_complete{project="p_1"}')).toBe(0);
  expect(unixSeconds() - began).toBeLessThan(30);
});

it('once reads all of the window with --whole-window, however many polls that takes', async () => {
  const cloud = cloudOf(3);
  const before = Math.floor(unixSeconds()) - 3 * 86_400;
  for (let startsAt = before - 200; startsAt < before; startsAt++)
    cloud.addSession({ id: `RM_${String(startsAt)}`, roomName: 'old', startsAt, endsAt: startsAt + 60 });
  const simulator = await simulate(cloud, { requestsPerMinute: 10_000 });
  const flags = ['--api.page-size=1', '--api.requests-per-minute=1000', '--poll.interval=2s'];
  const program = await pollOnce(simulator, ...flags, '--whole-window');
  expect(await program.exit()).toBe(0);
  expect(valueIn(program.output, polls)).toBeGreaterThan(1);
  expect(valueIn(program.output, 'livekit_cloud_exporter_window_complete{project="p_1"}')).toBe(1);
});

describe('once with --whole-window and session details', () => {
  const seconds = 'livekit_cloud_month_connection_seconds{project="p_1"}';
  const flags = ['--api.requests-per-minute=1000', '--poll.interval=2s', '--details.enabled'];

  it('reads the details of all sessions, however many polls that takes, for the month to be whole', async () => {
    const now = Math.floor(unixSeconds());
    const cloud = cloudOf(3);
    const ended = Array.from({ length: 100 }, (_, number) => now - 7200 - number);
    for (const startsAt of ended)
      cloud.addSession({ id: `RM_${String(startsAt)}`, roomName: 'old', startsAt, endsAt: startsAt + 150 });
    const simulator = await simulate(cloud, { requestsPerMinute: 10_000 });
    const program = await pollOnce(simulator, ...flags, '--whole-window');
    expect(await program.exit()).toBe(0);
    expect(valueIn(program.output, polls)).toBeGreaterThan(2);
    // Two people in each session, three minutes each, as far as they began in this month.
    const { begin } = utcMonth(now);
    const minutes = ended.flatMap((startsAt) => [0, 60, 120].map((later) => startsAt + later));
    const past = 2 * 60 * minutes.filter((at) => at >= begin).length;
    const [least, most] = begin < now - 900 ? [6 * 60 * 10, 6 * 60 * 12] : [0, 6 * 60 * 12];
    expect(valueIn(program.output, seconds)).toBeGreaterThanOrEqual(past + least);
    expect(valueIn(program.output, seconds)).toBeLessThanOrEqual(past + most);
    const coveredSince = valueIn(
      program.output,
      'livekit_cloud_month_covered_since_timestamp_seconds{project="p_1"}',
    );
    expect(coveredSince).toBe(Math.max(begin, coveredSince ?? 0));
    expect(coveredSince).toBeLessThan(now - 6 * 86_400 > begin ? now - 6 * 86_400 : begin + 1);
  });

  it('ends when details cannot be read, and says so', async () => {
    const simulator = await simulate(cloudOf(5), { requestsPerMinute: 10_000 });
    simulator.faults.order({ kind: 'status', status: 500, endpoint: 'session' });
    const program = await pollOnce(simulator, ...flags, '--whole-window');
    expect(await program.exit()).toBe(0);
    expect(program.errorOutput).toContain('Session details cannot be read');
  });
});

describe('two projects', () => {
  it('fail independently of each other', async () => {
    const projects = ['p_good', 'p_bad'].map((id) => ({ ...project, id, cloud: cloudOf(3) }));
    const simulator = await simulate(cloudOf(0), { projects });
    const folder = await mkdtemp(join(tmpdir(), 'livekit-cloud-exporter-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'exporter.yml');
    const listed = projects.map(({ id }) => ({ name: id, id, ...keys }));
    await writeFile(file, JSON.stringify({ projects: listed }));

    simulator.faults.order({ kind: 'hang', project: 'p_bad' });
    const program = serve({}, { 'config.file': file, 'api.url': simulator.url });
    // One hangs from the start: the other is polled, and polled again.
    await eventually(async () =>
      expect(await program.value('livekit_cloud_exporter_polls_total{project="p_good"}')).toBeGreaterThan(1),
    );
    expect(await program.get('/-/ready')).toMatchObject({
      status: 503,
      body: expect.stringMatching(/: p_bad\n$/),
    });

    simulator.faults.clear();
    simulator.faults.order({ kind: 'status', status: 403, project: 'p_bad' });
    const once = startProgram(['once', `--config.file=${file}`, `--api.url=${simulator.url}`]);
    expect(await once.exit()).toBe(1);
    for (const metrics of [await program.metrics(), once.output]) {
      expect(valueIn(metrics, 'livekit_cloud_up{project="p_good"}')).toBe(1);
      expect(valueIn(metrics, 'livekit_cloud_up{project="p_bad"}')).toBe(0);
      expect(valueIn(metrics, 'livekit_cloud_active_sessions{project="p_good"}')).toBe(3);
      expect(metrics).not.toMatch(/_active_\w+\{project="p_bad"/);
    }
    const failed = 'livekit_cloud_exporter_poll_failures_total{project="p_good",reason="auth"}';
    expect(valueIn(once.output, failed)).toBe(0);
    expect(valueIn(once.output, failed.replace('good', 'bad'))).toBe(1);
  });
});

describe('a list that is not in order', () => {
  it('loses the rows that are broken, counted by reason, and no others', async () => {
    // All of one day, also just after midnight.
    const simulator = await simulate(cloudOf(20, { startsAt: Math.floor(unixSeconds()) }));
    simulator.faults.order({ kind: 'broken_rows', breakage: 'each_in_turn', rows: 16, pages: [0] });
    const program = await pollOnce(simulator);
    const rejected = rejectionReasons.map((reason): [string, number | undefined] => [
      reason,
      valueIn(program.output, `livekit_cloud_exporter_rows_rejected_total{project="p_1",reason="${reason}"}`),
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
    expect(valueIn(program.output, activeSessions)).toBe(6);
    expect(
      valueIn(program.output, 'livekit_cloud_room_active_sessions{project="p_1",room="__other__"}'),
    ).toBe(1);
    expect(program.output).toContain('room="half a \u{fffd} smile"');
    expect(await program.exit()).toBe(0);
  });

  it('fails when not one of its rows can be used', async () => {
    const simulator = await simulate(cloudOf(3));
    simulator.faults.order({ kind: 'broken_rows', breakage: 'missing_id', rows: 3 });
    const program = await pollOnce(simulator);
    expect(await program.exit()).toBe(1);
    expect(program.errorOutput).toMatch(/reason=schema err="no row .+ could be used: invalid_session_id"/);
  });

  const shifts: { name: string; fault: FaultOrder }[] = [
    { name: 'rows come twice', fault: { kind: 'shifting_pages', change: 'inserted', sessions: 2 } },
    {
      name: 'rows are missing from one of its pages',
      fault: { kind: 'shifting_pages', change: 'removed', sessions: 2, pages: [1], times: 1 },
    },
  ];
  it.each(shifts)('counts right when $name', async ({ fault }) => {
    const clock = handClock();
    const simulator = await simulate(cloudOf(20, { inRate: 10 }), { now: () => clock.now });
    const program = serve(environmentOf(simulator), { 'api.page-size': '5', 'log.level': 'debug' });
    await program.ready();
    simulator.faults.order(fault);
    clock.now += 10;
    await eventually(async () => expect(await program.value(bytesIn)).toBe(20 * 10 * 10));
    await polled(program, 1);
    const metrics = await program.metrics();
    expect(valueIn(metrics, activeSessions)).toBe(20);
    expect(valueIn(metrics, bytesIn)).toBe(20 * 10 * 10);
    expect(valueIn(metrics, 'livekit_cloud_sessions_started_total{project="p_1"}')).toBe(0);
    // Every poll in between had all of them, too.
    const seen = program.log.flatMap(({ active_sessions: sessions }) => sessions ?? []);
    expect(new Set(seen)).toEqual(new Set([20]));
  });

  it('fails when it never ends', async () => {
    const simulator = await simulate(cloudOf(20));
    simulator.faults.order({ kind: 'endless_pages' });
    const program = await pollOnce(simulator, '--api.page-size=5');
    expect(await program.exit()).toBe(1);
    expect(program.errorOutput).toMatch(/reason=schema err="the session list has no end: /);
    expect(valueIn(program.output, up)).toBe(0);
    expect(simulator.requests.length).toBeLessThan(30);
  });
});

it('asks for larger pages when that saves requests, and shows it', async () => {
  const simulator = await simulate(cloudOf(900, { startsAt: Math.floor(unixSeconds()) }));
  const program = serve(environmentOf(simulator), { 'log.level': 'debug' });
  const pageRows = 'livekit_cloud_exporter_api_page_rows{project="p_1"}';
  await eventually(async () => expect(await program.value(pageRows)).toBe(400));
  await polled(program, 1);
  expect(await program.value(activeSessions)).toBe(900);
  const changes = program.log.filter(({ msg }) => msg === 'Pages of the session list change in size');
  expect(changes.map(({ level, before, rows }) => [level, before, rows].join(' '))).toEqual([
    'DEBUG 100 200',
    'DEBUG 200 400',
  ]);
});

describe('the request budget', () => {
  it('is never exceeded, however many pages there are', async () => {
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
    const budget = 'livekit_cloud_exporter_api_budget_requests_per_second{project="p_1"}';
    expect(await program.value(budget)).toBeCloseTo(7 / 60);
  });

  it('shows the time that requests waited', async () => {
    const simulator = await simulate(cloudOf(40));
    simulator.faults.order({ kind: 'status', status: 429, retryAfterSeconds: 1, pages: [5], times: 1 });
    const program = serve(environmentOf(simulator), { 'api.page-size': '1' });
    await program.ready();
    // The pages behind the one that was refused had to wait for the pause that the API asked for.
    const waited = 'livekit_cloud_exporter_api_budget_wait_seconds_total{project="p_1"}';
    expect(await program.value(waited)).toBeGreaterThan(0.9);
  });

  it('is spared by listing only the days that can still change', async () => {
    const cloud = cloudOf(0);
    const day = 86_400;
    const now = unixSeconds();
    for (let back = 3; back < 7; back++) {
      cloud.addSession({ roomName: 'settled', startsAt: now - back * day, endsAt: now - back * day + 600 });
    }
    cloud.addSession({ roomName: 'two days', startsAt: now - 2 * day });
    const simulator = await simulate(cloud);
    const program = serve(environmentOf(simulator), { 'api.page-size': '1' });
    await program.ready();
    await polled(program, 1);
    const first = simulator.requests.length;
    await polled(program, 2);
    const starts = simulator.requests.map(({ start }) => start);
    expect(starts[0]).toBe(utcDay(now));
    expect(new Set(starts.slice(first))).toEqual(new Set([utcDay(now - 2 * day)]));
    expect(new Set(simulator.requests.map(({ end }) => end))).toEqual(new Set([undefined]));
  });

  it('is spared by reading only the pages that can have changed', async () => {
    const cloud = cloudOf(5);
    const hoursAgo = unixSeconds() - 9000;
    for (let number = 0; number < 100; number++) {
      cloud.addSession({ roomName: 'settled', startsAt: hoursAgo - number, endsAt: hoursAgo + 60 });
    }
    const simulator = await simulate(cloud);
    const program = serve(environmentOf(simulator), { 'api.page-size': '10' });
    await program.ready();
    await polled(program, 1);
    // The polls of a longer time than the requests: however long a look at them takes, it makes no request too many.
    const pollsBefore = (await program.value(polls)) ?? 0;
    const first = simulator.requests.length;
    await polled(program, 3);
    // Each poll reads the page of the open sessions and one more of the rolling re-listing. One may be under way at
    // either end.
    const requests = simulator.requests.length - first;
    const pollsSince = ((await program.value(polls)) ?? 0) - pollsBefore;
    expect(requests).toBeLessThanOrEqual(2 * (pollsSince + 2));
  });
});

describe('the oldest day', () => {
  it('is left out when the API refuses it as too long ago', async () => {
    const cloud = cloudOf(3, { endsAt: Math.floor(unixSeconds()) });
    // By the clock of this API it is tomorrow already.
    const simulator = await simulate(cloud, { now: () => unixSeconds() + 86_400 });
    const program = await pollOnce(simulator);
    expect(await program.exit()).toBe(0);
    expect(valueIn(program.output, 'livekit_cloud_exporter_tracked_sessions{project="p_1"}')).toBe(3);
    expect(valueIn(program.output, 'livekit_cloud_exporter_window_complete{project="p_1"}')).toBe(1);
    const failed = 'livekit_cloud_exporter_api_request_failures_total{project="p_1",endpoint="sessions"';
    expect(valueIn(program.output, `${failed},reason="server"}`)).toBe(1);
  });
});
