// What the running program pushes is what it is scraped for, over each protocol: one world, three expositions.
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ScriptedCloud } from '../../simulator-support/scripted-cloud.ts';
import { awkwardNames } from '../../../src/simulator/session-kinds.ts';
import { startCollector, type Collector } from '../../push/collector.ts';
import { inOpenMetrics, inText, pushed, type Published, type Series } from '../../push/series.ts';
import { describeWithVictoriaMetrics, startVictoriaMetrics } from '../../push/victoria-metrics.ts';
import { itWithOpenMetricsParser } from '../../open-metrics-parser.ts';
import { eventually } from '../eventually.ts';
import { serve, valueIn, type RunningProgram } from '../running-program.ts';
import { environmentOf, handClock, simulate } from '../simulated-api.ts';
import { nextPush, pushTo, valueOf } from './pushes.ts';

const pushes = 'livekit_cloud_exporter_otlp_pushes_total';

/** Of LiveKit and of polls: what stands still while nothing is polled. */
function isOfPolls(name: string): boolean {
  return name.startsWith('livekit_cloud_') && !name.startsWith('livekit_cloud_exporter_otlp_');
}

/** What the process is at just now, by kind: there only while it is, so that the next look need not find it. */
function isMomentary(name: string): boolean {
  return name.startsWith('nodejs_active_');
}

function only(isWanted: (name: string) => boolean, { series, families }: Published): Published {
  return {
    series: new Map([...series].filter(([name]) => isWanted(name))),
    families: Object.fromEntries(Object.entries(families).filter(([name]) => isWanted(name))),
  };
}

const ofPolls = (published: Published): Published => only(isOfPolls, published);
const lasting = (published: Published): Published => only((name) => !isMomentary(name), published);

/**
 * The program with every kind of family in use: rooms with awkward names, counters that have grown, a session that has
 * ended, details. All is polled, and the next poll waits for an answer that does not come.
 */
async function standingStill(environment: Readonly<Record<string, string>>): Promise<RunningProgram> {
  const clock = handClock();
  const cloud = new ScriptedCloud({ startedAt: clock.now });
  for (const [index, roomName] of awkwardNames.entries()) {
    const startsAt = clock.now - 600 + index;
    cloud.addSession({ roomName, startsAt, inRate: 1000.5 + index, outRate: 3, egress: { from: startsAt } });
  }
  cloud.addSession({ roomName: 'short', startsAt: clock.now - 90, endsAt: clock.now + 50, inRate: 1 });
  const simulator = await simulate(cloud, { now: () => clock.now });
  const program = serve(
    { ...environmentOf(simulator), ...environment },
    { 'details.enabled': 'true', 'api.request-timeout': '5m' },
  );
  await program.ready();
  clock.now += 100;
  const room = `livekit_cloud_room_bandwidth_in_bytes_total{project="p_1",room="${awkwardNames[3]}"}`;
  await eventually(async () => {
    const metrics = await program.metrics();
    expect(valueIn(metrics, 'livekit_cloud_session_duration_seconds_count{project="p_1"}')).toBe(1);
    expect(valueIn(metrics, room)).toBeGreaterThan(0);
  });
  simulator.faults.order({ kind: 'hang' });
  const asked = simulator.requests.length;
  await eventually(() => expect(simulator.requests.length).toBeGreaterThan(asked));
  return program;
}

/** A scrape in which more than so many pushes have ended. */
async function scrapeAfter(program: RunningProgram, ended: number, accept: string): Promise<string> {
  return eventually(async () => {
    const response = await fetch(`${await program.url()}/metrics`, { headers: { accept } });
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain(accept.split(';')[0]);
    expect(valueIn(text, pushes)).toBeGreaterThan(ended);
    return text;
  });
}

/** The same moment four times: scraped, pushed, and scraped in each format. Rejected when it was not one moment. */
async function sayAll(program: RunningProgram, collector: Collector) {
  const before = lasting(inText(await program.metrics()));
  const points = await nextPush(collector);
  const ended = Number(valueOf(points, pushes));
  const openMetrics = await scrapeAfter(program, ended, 'application/openmetrics-text;version=1.0.0');
  const text = lasting(inText(await scrapeAfter(program, ended, 'text/plain')));
  expect(ofPolls(text)).toEqual(ofPolls(before));
  return { before, points, openMetrics: lasting(inOpenMetrics(openMetrics)), text };
}

describe.each(['http/protobuf', 'http/json', 'grpc'] as const)('over %s', (protocol) => {
  itWithOpenMetricsParser('text, OpenMetrics and OTLP say the same', async () => {
    const startedAt = Date.now();
    const collector = await startCollector[protocol]();
    const program = await standingStill({
      ...pushTo(collector.endpoint, protocol),
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
    const { before, points, openMetrics, text } = await eventually(() => sayAll(program, collector));
    const push = lasting(pushed(points));

    expect(ofPolls(push).series).toEqual(ofPolls(text).series);
    expect(ofPolls(openMetrics).series).toEqual(ofPolls(text).series);
    expect(push.families).toEqual(openMetrics.families);
    expect(withoutUnits(push)).toEqual(withoutUnits(text));

    // What goes on meanwhile lies between the scrapes before and after.
    for (const name of before.series.keys()) {
      if (text.series.has(name)) expect(push.series.has(name), name).toBe(true);
    }
    for (const [name, value] of push.series) {
      expect(before.series.has(name) || text.series.has(name), name).toBe(true);
      if (!/_(total|count|sum|bucket)\b/.test(name)) continue;
      expect(value, name).toBeGreaterThanOrEqual(before.series.get(name) ?? 0);
      expect(value, name).toBeLessThanOrEqual(text.series.get(name) ?? NaN);
    }

    expect(collector.violations).toEqual([]);
    const [request] = collector.requests;
    expect(request?.resource).toEqual({
      'service.name': 'livekit-cloud-exporter',
      'service.version': request?.scope.version,
      'service.instance.id': hostname(),
    });
    for (const { start = NaN, name, time } of points.filter(({ type }) => type !== 'gauge')) {
      expect(start, name).toBeGreaterThanOrEqual(startedAt);
      expect(start, name).toBeLessThanOrEqual(time);
    }
  });
});

function withoutUnits({ families }: Published): unknown {
  return Object.fromEntries(Object.entries(families).map(([name, { type, help }]) => [name, { type, help }]));
}

describeWithVictoriaMetrics('VictoriaMetrics', () => {
  it('has what the running program is scraped for', async () => {
    const receiver = await startVictoriaMetrics();
    const program = await standingStill(pushTo(`${receiver.endpoint}/v1/metrics`));
    await eventually(async () => {
      const wanted = ofPolls(inText(await program.metrics())).series;
      const all = await receiver.series();
      const series = new Map([...all].filter(([name]) => isOfPolls(name) && !isOfWhatHasEnded(name)));
      expect(asExactAs(wanted, series)).toEqual(wanted);
      expect([...all.keys()].filter((name) => name.startsWith(pushes))).toHaveLength(1);
    });
  });
});

/** The values of what is wanted where they differ after the ninth digit: it keeps so many at least. */
function asExactAs(wanted: Series, series: Series): Series {
  return new Map(
    [...series].map(([name, value]) => {
      const exact = wanted.get(name) ?? NaN;
      return [name, Math.abs(value - exact) <= Math.abs(exact) * 1e-9 ? exact : value];
    }),
  );
}

/** What is pushed no more it has for five minutes: a push cannot say that a series has gone. */
function isOfWhatHasEnded(name: string): boolean {
  return /_timestamp_seconds.*"short"/.test(name);
}
