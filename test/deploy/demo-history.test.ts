// The past of the demonstration, held against the truth of the simulated projects it was counted from.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { history, target, type PastScrape } from '../../deploy/demo/history.ts';
import { demoProjects } from '../../src/simulator/demo-projects.ts';
import { itWithPrometheus } from '../prometheus-programs.ts';
import { now as until } from '../simulator-support/running-simulator.ts';
import { truthOf } from '../simulator-support/truth.ts';

const rules = {
  window: 7 * 86_400,
  rooms: { limit: 500, linger: 600 },
  details: true,
  labelRoom: (name: string) => ({ name, publishable: true }),
};

function past(hours: number, activeRooms?: number): PastScrape[] {
  const projects = demoProjects({ seed: 1, now: until, ...(activeRooms && { activeRooms }) });
  return [...history(projects, rules, { from: until - hours * 3600, until })];
}

/** Values of production by series, without the labels that all have. */
function samples({ lines }: PastScrape): Map<string, number> {
  const line = /^(\w+)\{job="[^"]+",instance="[^"]+",project="production",?(.*)\} (\S+) \S+$/gm;
  return new Map(
    Array.from(lines.matchAll(line), ([, name = '', labels = '', value]) => [
      labels ? `${name}{${labels}}` : name,
      Number(value),
    ]),
  );
}

describe('two hours of it', () => {
  let scrapes: PastScrape[];
  beforeAll(() => {
    scrapes = past(2);
  });

  it('are a scrape each 30 seconds, the last one just before now', () => {
    expect(scrapes.map(({ time }) => until - time)).toEqual(
      Array.from({ length: 240 }, (_, index) => (240 - index) * 30),
    );
  });

  it('show and count what was true', () => {
    const [first, last] = [scrapes[0]!, scrapes.at(-1)!];
    const cloud = demoProjects({ seed: 1, now: until })[0]!.cloud;
    const before = truthOf(cloud, first.time, { from: 0 });
    const truth = truthOf(cloud, last.time, { from: 0 });
    expect(truth.sessions).toBeGreaterThan(before.sessions + 50);
    expect(Object.fromEntries(samples(last))).toMatchObject({
      livekit_cloud_up: 1,
      livekit_cloud_active_rooms: truth.activeRooms,
      livekit_cloud_active_participants: truth.activeParticipants,
      livekit_cloud_sessions_started_total: truth.sessions - before.sessions,
      livekit_cloud_sessions_ended_total: truth.endedSessions - before.endedSessions,
      livekit_cloud_session_duration_seconds_count: truth.endedSessions - before.endedSessions,
      livekit_cloud_bandwidth_out_bytes_total: truth.bandwidthOut - before.bandwidthOut,
    });
  });

  it('count connections as their details say, those of running sessions as of when they were last read', () => {
    const [first, last] = [scrapes[0]!, scrapes.at(-1)!];
    const cloud = demoProjects({ seed: 1, now: until })[0]!.cloud;
    const before = truthOf(cloud, first.time, { from: 0, usage: true }).usage;
    const truth = truthOf(cloud, last.time, { from: 0, usage: true }).usage;
    const counted = samples(last);
    const share = (name: string, used: number) => (counted.get(`livekit_cloud_${name}_total`) ?? 0) / used;
    const shares = [
      share('connection_seconds', (truth.connected - before.connected) / 1e6),
      share('billable_connection_seconds', (truth.billableMinutes - before.billableMinutes) * 60),
      share('participant_connections', truth.connections - before.connections),
    ];
    for (const counted of shares) {
      expect(counted).toBeGreaterThan(0.97);
      expect(counted).toBeLessThanOrEqual(1);
    }
    expect([...counted.keys()]).toEqual(
      expect.arrayContaining([
        'livekit_cloud_participant_connections_by_region_total{region="eu-west"}',
        'livekit_cloud_publishing_participants{source="camera"}',
      ]),
    );
  });

  it('begin each room counter at 0, so that increase() sees all of it', () => {
    const beginnings = new Map<string, number>();
    for (const scrape of scrapes) {
      for (const [series, value] of samples(scrape))
        if (/^livekit_cloud_room_\w+_total/.test(series) && !beginnings.has(series))
          beginnings.set(series, value);
    }
    expect(beginnings.size).toBeGreaterThan(100);
    expect([...beginnings].filter(([, value]) => value !== 0)).toEqual([]);
  });

  it('carry the labels that Prometheus gives to what it scrapes', () => {
    const { scrape_configs: jobs } = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    expect(jobs.map(({ job_name: job, static_configs: [targets] }) => ({ job, ...targets }))).toEqual([
      { job: target.job, targets: [target.instance] },
    ]);
    expect(scrapes[0]!.lines).toMatch(
      /^livekit_cloud_up\{job="livekit-cloud",instance="exporter:17880",project="production"\} 1 \d+$/m,
    );
  });
});

it('leaves out rooms, and most polls, of more than 12 hours ago', () => {
  const scrapes = past(13, 10);
  const isEarlier = ({ time }: PastScrape) => time < until - 12 * 3600;
  expect(scrapes.filter(isEarlier)).toHaveLength(30);
  for (const scrape of scrapes) expect(scrape.lines.includes('livekit_cloud_room_')).toBe(!isEarlier(scrape));
  // A room that was there before goes on from what it had counted by then.
  const first = samples(scrapes.find((scrape) => !isEarlier(scrape))!);
  const counters = [...first].filter(([series]) =>
    series.startsWith('livekit_cloud_room_bandwidth_in_bytes_total'),
  );
  expect(counters.filter(([, value]) => value > 0).length).toBeGreaterThan(2);
});

describe('the script', () => {
  const bundle = resolve('.build/demo-history');
  beforeAll(() => {
    execFileSync(process.execPath, ['build.js', 'deploy/demo/write-history.ts', bundle]);
  });

  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'demo-history-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  }

  const write = (into: string) =>
    execFileSync(process.execPath, [join(bundle, 'main.js'), into], {
      env: { LIVEKIT_EXPORTER_SIMULATOR_ACTIVE_ROOMS: '2' },
    });

  itWithPrometheus('writes a week that promtool makes blocks of, once', () => {
    const into = folder();
    write(into);
    const files = readdirSync(join(into, 'complete'));
    expect(files.length).toBeGreaterThanOrEqual(84);
    expect(files.length).toBeLessThanOrEqual(85);

    const newest = join(into, 'complete', files.sort().at(-1)!);
    const blocks = folder();
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', newest, blocks]);
    expect(readdirSync(blocks)).toHaveLength(1);

    rmSync(newest);
    write(into);
    expect(readdirSync(join(into, 'complete'))).toEqual(files.slice(0, -1));
  });
});
