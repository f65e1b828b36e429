// The command `history` against a simulated week, its files in a real Prometheus, and the exporter that follows.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { afterAllTests, type AtEnd, temporaryFolder } from '../at-end.ts';
import { boards } from '../../grafana/src/boards.ts';
import type { SessionReading } from '../../src/simulator/simulated-session.ts';
import { stateFileName } from '../../src/state/state-folder.ts';
import { filledIn, queriesOf } from '../grafana/board-queries.ts';
import { describeWithPrometheus, itWithPrometheus } from '../prometheus-programs.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { eventually } from './eventually.ts';
import { type PrometheusServer, startPrometheus } from './prometheus-server.ts';
import { type RunningProgram, serve, startProgram } from './running-program.ts';
import { environmentOf, handClock, keys, simulate, unixSeconds } from './simulated-api.ts';
import { freePort } from './free-port.ts';

const daySeconds = 86_400;

/** The first day that is read: shortly before midnight one less, should our clock be behind. */
const firstDay = (now: number, days = 7): number =>
  Math.floor((now + 300 - days * daySeconds) / daySeconds) * daySeconds;

/** Some days of load that stand still, and what the list says of them. */
async function simulatedLoad(activeRooms: number, { days = 1, atEnd = onTestFinished as AtEnd } = {}) {
  const clock = handClock();
  // A day more than is read: so the first day is whole, whatever time it is now.
  const history = (days + 1) * daySeconds;
  const cloud = new ScriptedCloud({ startedAt: clock.now, activeRooms, history });
  const simulator = await simulate(cloud, { now: () => clock.now, requestsPerMinute: 100_000 }, atEnd);
  const readings = (): SessionReading[] => {
    const sessions = cloud.sessions.slice(cloud.countBefore(firstDay(clock.now, days)));
    return sessions
      .filter(({ startsAt }) => startsAt <= clock.now)
      .map((session) => session.readAt(clock.now));
  };
  return { clock, cloud, simulator, readings, environment: environmentOf(simulator) };
}

function history(
  environment: Record<string, string>,
  output: string,
  flags: string[] = [],
  atEnd?: AtEnd,
): RunningProgram {
  const fast = { LIVEKIT_EXPORTER_API_REQUESTS_PER_MINUTE: '60000', LIVEKIT_EXPORTER_STEP: '5m' };
  return startProgram(['history', `--output=${output}`, ...flags], { ...fast, ...environment }, atEnd);
}

/** Longer than all of it: fewer blocks are faster to write and to read. */
const longBlock = '--max-block-duration=486h';

/** The folder of a Prometheus that has these files; imported in one go, which is the same and faster. */
function imported(output: string, atEnd?: AtEnd): string {
  const folder = temporaryFolder(atEnd);
  const files = readdirSync(output).sort();
  const samples = files.map((file) => readFileSync(join(output, file), 'utf8').replace('# EOF\n', ''));
  writeFileSync(join(folder, 'samples'), [...samples, '# EOF\n'].join(''));
  const blocks = join(folder, 'blocks');
  const file = join(folder, 'samples');
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', longBlock, file, blocks]);
  return blocks;
}

const sumOf = (readings: readonly SessionReading[], field: 'bandwidthIn' | 'bandwidthOut' | 'participants') =>
  readings.reduce((sum, reading) => sum + reading[field], 0);

describe('a week of thousands of sessions', () => {
  const atEnd = afterAllTests();
  const output = temporaryFolder(atEnd);
  let load: Awaited<ReturnType<typeof simulatedLoad>>;

  beforeAll(async () => {
    load = await simulatedLoad(20, { days: 7, atEnd });
  });

  it('a reading that was stopped is gone on with, and does not begin again', async () => {
    const { simulator, environment, readings } = load;
    const sessions = readings().length;
    expect(sessions).toBeGreaterThan(8000);
    // It is about the project, and what each room has takes the time.
    const flags = ['--api.page-size=100', '--rooms.limit=2'];
    const first = history(environment, output, [...flags, '--api.requests-per-minute=60']);
    // The budget of the first minute is spent, and what it was spent for is kept.
    await eventually(() => expect(simulator.requests.length).toBeGreaterThanOrEqual(50));
    const kept = () => readFileSync(join(output, '.read', readdirSync(join(output, '.read'))[1]!), 'utf8');
    await eventually(() => expect(kept().trim().split('\n').length).toBeGreaterThanOrEqual(2));
    first.signal('SIGTERM');
    expect(await first.exit()).toBe(1);
    expect(first.errorOutput).toContain('the same command continues from here');

    const before = simulator.requests.length;
    const second = history(environment, output, flags);
    expect(await second.exit(), second.errorOutput).toBe(0);
    expect(simulator.requests.length - before).toBeLessThan(sessions / 100);
    expect(second.output).toContain(`${String(sessions)} sessions`);
    expect(readdirSync(output).length).toBeGreaterThanOrEqual(84);
  });

  itWithPrometheus('a real Prometheus shows it right to the byte', async () => {
    const { clock, readings } = load;
    const prometheus = await startPrometheus({}, '', { blocks: imported(output) });
    onTestFinished(() => prometheus.stop());

    const rows = readings();
    const from = firstDay(clock.now);
    let compared = 0;
    for (let dayEnd = from + daySeconds; dayEnd < clock.now; dayEnd += daySeconds) {
      const started = rows.filter(({ createdAt }) => createdAt <= dayEnd);
      // Of those that still run it is not known to the second how much they had.
      if (started.some(({ endedAt }) => endedAt === 0)) continue;
      compared += 1;
      const bytes = started.reduce((sum, { bandwidthOut, createdAt, endedAt }) => {
        const share = endedAt > 0 && endedAt <= dayEnd ? 1 : (dayEnd - createdAt) / (endedAt - createdAt);
        return sum + Math.floor(bandwidthOut * share);
      }, 0);
      const project = '{job="livekit-cloud",instance="exporter:17880",project="p_1"}';
      const names = ['bandwidth_out_bytes_total', 'sessions_started_total', 'active_sessions'];
      const values = await Promise.all(
        names.map((name) => prometheus.query(`sum(livekit_cloud_${name}${project})`, dayEnd)),
      );
      expect(values.map((value) => value['{}'])).toEqual([
        bytes,
        started.length,
        started.filter(({ endedAt }) => endedAt > dayEnd).length,
      ]);
    }
    expect(compared).toBeGreaterThanOrEqual(5);
    // What began with the first sample counts, too.
    const increases = await prometheus.query(
      'round(sum(last_over_time(livekit_cloud_sessions_ended_total[10m])))',
    );
    expect(increases).toEqual({ '{}': rows.filter(({ endedAt }) => endedAt > 0).length });
  });
});

describe('with the state that was asked for', () => {
  const atEnd = afterAllTests();
  const [output, state] = [temporaryFolder(atEnd), temporaryFolder(atEnd)];
  const flags = ['--since=1d', '--state', `--state.dir=${state}`, '--api.page-size=10'];
  let load: Awaited<ReturnType<typeof simulatedLoad>>;

  beforeAll(async () => {
    load = await simulatedLoad(1, { atEnd });
  });

  it('a state that could not be written is written by the same command, which does not read all again', async () => {
    const { simulator, environment } = load;
    const obstacle = join(state, `${stateFileName('p_1 (p_1)')}.tmp`);
    mkdirSync(obstacle);
    const first = history(environment, output, flags);
    expect(await first.exit()).toBe(1);
    expect(first.errorOutput).toContain('Stopped: Cannot write the state');

    rmdirSync(obstacle);
    const before = simulator.requests.length;
    const second = history(environment, output, flags);
    expect(await second.exit(), second.errorOutput).toBe(0);
    expect(simulator.requests.length - before).toBeLessThan(before);
    expect(readdirSync(state)).toEqual([stateFileName('p_1 (p_1)')]);
    expect(second.output).toContain('continues from them');
    expect(readdirSync(output)).not.toContain('.read');
  });

  it('an exporter goes on from the last sample', async () => {
    const { environment, readings } = load;
    const listed = readings();
    const exporter = serve(environment, { 'state.dir': state });
    await exporter.ready();
    const value = (name: string) => exporter.value(`livekit_cloud_${name}{project="p_1"}`);
    expect(await value('bandwidth_out_bytes_total')).toBe(sumOf(listed, 'bandwidthOut'));
    expect(await value('sessions_started_total')).toBe(listed.length);
    const last = readFileSync(join(output, readdirSync(output).sort().at(-1)!), 'utf8');
    const samples = last.match(/^livekit_cloud_participants_joined_total\{.*$/gm)!;
    expect(Number(samples.at(-1)!.split(' ')[1])).toBe(await value('participants_joined_total'));
  });

  it('two histories are not mixed, and no counters are lost', async () => {
    const again = history(load.environment, output, ['--since=1d']);
    const elsewhere = history(load.environment, temporaryFolder(), flags);
    expect(await again.exit()).toBe(1);
    expect(again.errorOutput).toContain('already has a history');
    expect(await elsewhere.exit()).toBe(1);
    expect(elsewhere.errorOutput).toContain('has counters of p_1 already, which would be lost');
  });
});

it('tells what is missing', async () => {
  const nowhere = startProgram(['history'], environmentOf({ url: 'http://127.0.0.1:9' }));
  expect(await nowhere.exit()).toBe(1);
  expect(nowhere.errorOutput).toContain('--output: missing');
});

it('complains of an API that does not answer, and of nothing else, also with more than ten projects', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'exporter.yml');
  const ids = Array.from({ length: 12 }, (_, number) => `p_${String(number)}`);
  const projects = ids.map((id) => ({ name: id, id, ...keys }));
  const api = { url: `http://127.0.0.1:${String(await freePort())}` };
  writeFileSync(file, JSON.stringify({ projects, api }));
  const program = history({}, join(folder, 'out'), [`--config.file=${file}`]);
  expect(await program.exit()).toBe(1);
  expect(program.errorOutput).toContain('ECONNREFUSED');
  expect(program.errorOutput).not.toContain('Warning');
});

/** Adds the past of the recording rules to the blocks of a Prometheus that is not running. */
async function backfillRules(blocks: string, start: string, end: string): Promise<void> {
  for (const level of ['1', '2', '3']) {
    const prometheus = await startPrometheus({}, '', { blocks });
    const args = [`--start=${start}`, `--end=${end}`, `--url=${prometheus.url}`, `--output-dir=${blocks}`];
    const file = `deploy/prometheus/backfill/${level}.yml`;
    const flags = [longBlock, '--eval-interval=5m'];
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'rules', ...flags, ...args, file], {
      stdio: 'pipe',
    });
    await prometheus.stop();
  }
}

/**
 * Panels that have no past: what only the live source, the running exporter or Prometheus' own rules know, and the month of
 * groups, whose rules build on their own past.
 */
const withoutPast = [
  ...['C', 'D', 'E', 'F'].map((letter) => `Largest groups ${letter} of livekit-cloud-customers`),
  'Firing alerts A of livekit-cloud-overview',
  'Folded A of livekit-cloud-overview',
  ...['B', 'M'].map((letter) => `Projects ${letter} of livekit-cloud-overview`),
  'Participants over time B of livekit-cloud-room',
  ...['A', 'B', 'C'].map((letter) => `Egress minutes ${letter} of livekit-cloud-usage`),
  'Egress minutes by day A of livekit-cloud-usage',
  'Used of what is included C of livekit-cloud-usage',
  ...['B', 'H', 'I'].map((letter) => `This month by project ${letter} of livekit-cloud-usage`),
  ...['Connection minutes', 'Downloaded', 'Cost'].map((title) => `${title} B of livekit-cloud-usage`),
];

/** These compare with the week before, or the month before; two days have neither. */
const ofEarlier = [
  'Participants by project B of livekit-cloud-overview',
  ...['E', 'G', 'I', 'K'].map((letter) => `Projects ${letter} of livekit-cloud-overview`),
  ...['Connection minutes', 'Downloaded', 'Cost'].map((title) => `${title} C of livekit-cloud-usage`),
];

describeWithPrometheus('two days of a project, with what the rules would have recorded', () => {
  const atEnd = afterAllTests();
  let load: Awaited<ReturnType<typeof simulatedLoad>>;
  let address: string;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    load = await simulatedLoad(1, { days: 2, atEnd });
    const { clock, cloud, environment } = load;
    // Ten rooms of twelve, an hour each.
    for (let number = 0; number < 480; number++) {
      const startsAt = clock.now - number * 360;
      const roomName = `room ${String(number % 10)}`;
      cloud.addSession({ roomName, startsAt, endsAt: startsAt + 3600, participants: 12, outRate: 1000 });
    }
    const folder = temporaryFolder(atEnd);
    const [output, configuration] = [join(folder, 'output'), join(folder, 'exporter.yml')];
    writeFileSync(
      configuration,
      JSON.stringify({
        details: { enabled: true },
        groups: { rules: [{ pattern: '([a-z]+).*', group: '$1' }] },
        plan: { name: 'scale', budget_dollars: 1000 },
      }),
    );
    address = `127.0.0.1:${String(await freePort())}`;
    const flags = ['--since=2d', '--job=livekit', `--instance=${address}`, `--config.file=${configuration}`];
    const program = history(environment, output, flags, atEnd);
    expect(await program.exit(), program.errorOutput).toBe(0);
    const [, start = '', end = ''] = /--start=(\S+) --end=(\S+)/.exec(program.output) ?? [];
    const blocks = imported(output, atEnd);
    await backfillRules(blocks, start, end);
    const ruleFiles = ['recording', 'thresholds', 'alerts'].map((name) =>
      resolve(`deploy/prometheus/rules/${name}.yml`),
    );
    const port = Number(address.split(':')[1]);
    prometheus = await startPrometheus({ livekit: port }, '', { blocks, ruleFiles });
    atEnd(() => prometheus.stop());
  });

  it('every board has a past of both days', async () => {
    const { clock, readings } = load;
    const queries = ['overview.json', 'room.json', 'usage.json', 'customers.json'].flatMap((board) =>
      queriesOf(boards[board]!),
    );
    const silent = async (time: number, room: string): Promise<string[]> => {
      const values = { __rate_interval: '15m', project: 'p_1', room };
      const found = await Promise.all(
        queries.map(({ template }) => prometheus.query(filledIn(template, values), time)),
      );
      return queries
        .filter((_, index) => Object.keys(found[index]!).length === 0)
        .map(({ name }) => name)
        .sort();
    };
    const length = ({ createdAt, endedAt }: SessionReading) => endedAt - createdAt;
    const middle = ({ createdAt, endedAt }: SessionReading) => Math.floor((createdAt + endedAt) / 2);
    for (let day = firstDay(clock.now, 2); day < clock.now - daySeconds; day += daySeconds) {
      // In the second half of the day: in the first nobody may have left yet, whose time boards could show.
      const [longest] = readings()
        .filter((session) => middle(session) >= day + daySeconds / 2 && middle(session) < day + daySeconds)
        .sort((one, other) => length(other) - length(one));
      const time = middle(longest!);
      expect([time, await silent(time, longest!.roomName)]).toEqual([
        time,
        [...withoutPast, ...ofEarlier].sort(),
      ]);
    }
  });

  it('alerts know what is usual from the first minute of the exporter', async () => {
    const { clock, cloud, environment } = load;
    const now = Math.floor(unixSeconds());
    for (let room = 0; room < 60; room++)
      cloud.addSession({ roomName: `crowd ${String(room)}`, startsAt: now - 60 + room, participants: 5 });
    clock.now = now;
    serve(environment, { 'web.listen-address': address });
    // Pending at first: it fires once it has lasted.
    const alert =
      'count by (alertname) (ALERTS{alertname=~"LiveKitCloud(ParticipantsJumped|ParticipantsCollapsed)"})';
    await eventually(async () =>
      expect(await prometheus.query(alert)).toEqual({ '{alertname="LiveKitCloudParticipantsJumped"}': 1 }),
    );
  });
});
