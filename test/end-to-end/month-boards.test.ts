// What the Usage and Customers boards show of a month, in a real Prometheus that has what its default of 15 days keeps: on
// the 1st, in the middle and on the 31st. Each value is compared with what the synthetic exporter has counted.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { boards } from '../../grafana/src/boards.ts';
import { planOf } from '../../src/config/plans.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { costOf } from '../../src/core/plan.ts';
import { utcMonth } from '../../src/core/utc-month.ts';
import { filledIn, queriesOf } from '../grafana/board-queries.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { startPrometheus, type PrometheusServer, type Samples } from './prometheus-server.ts';

const unix = (time: string) => Date.parse(time) / 1000;

/** When the counters were 0. */
const origin = unix('2026-06-01T00:00:00Z');
const hour = 3600;
const day = 24 * hour;
const step = 300;

/** promtool reads all of a file for each block of it. */
const longBlock = '--max-block-duration=4374h';

/** What is used in an hour on a weekday; on Saturday and Sunday it is a quarter. */
const hourly = { connection_seconds: 250_000, downstream_bytes: 5e9, egress_seconds: 1800 };
type Meter = keyof typeof hourly;
const meters = Object.keys(hourly) as Meter[];
const scales = { connection_seconds: 60, downstream_bytes: 1, egress_seconds: 60 };

const plan = planOf(projectSections.plan.parse({ name: 'scale', budget_dollars: 4000 }))!;
const included: Record<Meter, number> = {
  connection_seconds: plan.included.connectionSeconds!,
  downstream_bytes: plan.included.downstreamBytes!,
  egress_seconds: plan.included.egressSeconds!,
};

/** Hours of weekdays that a time is after the Monday of a week long ago; those of Saturday and Sunday count a quarter. */
function weighted(at: number): number {
  const monday = at - 4 * day;
  const intoWeek = monday % (7 * day);
  const [weekdays, weekend] = [Math.min(intoWeek, 5 * day), Math.max(0, intoWeek - 5 * day)];
  return (Math.floor(monday / (7 * day)) * 5.5 * day + weekdays + weekend / 4) / hour;
}

function between(from: number, until: number): number {
  return weighted(until) - weighted(from);
}

/** What a month costs that has used this many weighted hours. */
function costAfter(hours: number): number {
  return costOf(plan, {
    connectionSeconds: hours * hourly.connection_seconds,
    downstreamBytes: hours * hourly.downstream_bytes,
    egressSeconds: hours * hourly.egress_seconds,
  }) as number;
}

const shares = { acme: 0.75, zeta: 0.25 };
const groups = Object.entries(shares);

/** Counters of the project by what each grows by in an hour of a weekday. */
const counters: Readonly<Record<string, number>> = {
  connection_seconds_total: hourly.connection_seconds / 2,
  billable_connection_seconds_total: hourly.connection_seconds,
  bandwidth_out_bytes_total: hourly.downstream_bytes,
  bandwidth_in_bytes_total: 1e9,
  billable_bandwidth_bytes_total: 6e9,
  egress_seconds_total: hourly.egress_seconds,
  participants_joined_total: 900,
  sessions_started_total: 80,
  participant_reconnects_total: 12,
  'participant_connections_by_region_total{region="eu"}': 700,
  'participant_connections_by_connection_type_total{connection_type="udp"}': 650,
  'participant_connections_by_sdk_total{sdk="js 2.1"}': 600,
  participant_duration_seconds_count: 400,
  'participant_duration_seconds_bucket{le="60.0"}': 100,
  'participant_duration_seconds_bucket{le="600.0"}': 300,
  'participant_duration_seconds_bucket{le="3600.0"}': 400,
  'participant_duration_seconds_bucket{le="+Inf"}': 400,
  'room_connection_seconds_total{room="hall"}': 7200,
  ...Object.fromEntries(
    groups.flatMap(([group, share]) => [
      [`group_bandwidth_out_bytes_total{group="${group}"}`, hourly.downstream_bytes * share],
      [`group_billable_connection_seconds_total{group="${group}"}`, hourly.connection_seconds * share],
      [`group_participants_joined_total{group="${group}"}`, 900 * share],
      [`group_sessions_started_total{group="${group}"}`, 80 * share],
    ]),
  ),
};

const constant: Readonly<Record<string, number>> = {
  ...Object.fromEntries(meters.map((meter) => [`plan_included_${meter}`, included[meter]])),
  plan_fee_dollars: plan.fee!,
  plan_budget_dollars: plan.budget!,
  'plan_price_dollars{meter="connection_seconds"}': plan.prices.connectionSeconds!,
  'plan_price_dollars{meter="downstream_bytes"}': plan.prices.downstreamBytes!,
  'plan_price_dollars{meter="egress_seconds"}': plan.prices.egressSeconds!,
  active_participants: 30,
  ...Object.fromEntries(
    groups.flatMap(([group, share]) => [
      [`group_active_participants{group="${group}"}`, 40 * share],
      [`group_active_sessions{group="${group}"}`, 8 * share],
    ]),
  ),
};

/** What the exporter says at a time, by name and own labels. */
function saidAt(at: number): Record<string, number> {
  const { begin } = utcMonth(at);
  const hours = between(begin, at);
  const allHours = between(origin, at);
  return {
    ...constant,
    ...Object.fromEntries(Object.entries(counters).map(([name, each]) => [name, each * allHours])),
    exporter_polls_total: (at - origin) / 30,
    ...Object.fromEntries(meters.map((meter) => [`month_${meter}`, hours * hourly[meter]])),
    month_cost_dollars: costAfter(hours),
    month_covered_since_timestamp_seconds: begin,
    exporter_last_successful_poll_timestamp_seconds: at,
  };
}

function series(name: string): string {
  const [metric = '', labels = ''] = name.replace('}', '').split('{');
  return `livekit_cloud_${metric}{job="livekit-cloud",instance="exporter:17880",project="p"${labels && `,${labels}`}}`;
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  expect(status, stderr + stdout).toBe(0);
}

/** What Prometheus keeps: it forgets whole blocks of 18 hours. */
function keptSince(at: number): number {
  const block = 18 * hour;
  return Math.floor((at - 15 * day) / block) * block;
}

/** Writes what the exporter said before each of these times, as far as Prometheus still has it then, as blocks. */
function importSamples(blocks: string, times: readonly number[]): void {
  const file = join(blocks, '..', 'past.om');
  const names = Object.keys(saidAt(origin)).map(series);
  for (const at of times) {
    const lines: string[] = [];
    for (let time = keptSince(at); time < at + step; time += step)
      for (const [index, value] of Object.values(saidAt(time)).entries())
        lines.push(`${names[index]!} ${String(value)} ${String(time)}`);
    appendFileSync(file, `${lines.join('\n')}\n`);
  }
  appendFileSync(file, '# EOF\n');
  run('promtool', 'tsdb', 'create-blocks-from', longBlock, 'openmetrics', file, blocks);
}

interface Rule {
  readonly record: string;
  readonly expr: string;
}

/** The rules of the month and of groups in the order in which they build on each other, but for those that build on their own past. */
function ruleLevels(): Rule[][] {
  const { groups: all } = parse(readFileSync('deploy/prometheus/rules/recording.yml', 'utf8')) as {
    groups: { name: string; rules: Rule[] }[];
  };
  const left = all
    .filter(({ name }) => ['use', 'forecast', 'groups'].includes(name.replace('livekit_cloud_', '')))
    .flatMap(({ rules }) => rules.filter(({ record }) => !record.includes('limit_used')));
  const levels: Rule[][] = [];
  while (left.length > 0) {
    const missing = new Set(left.map(({ record }) => record));
    const ready = left.filter(
      ({ expr }) => !(expr.match(/\w+:\w+:\w+/g) ?? []).some((name) => missing.has(name)),
    );
    expect(ready).not.toEqual([]);
    levels.push(ready);
    for (const rule of ready) left.splice(left.indexOf(rule), 1);
  }
  return levels;
}

/** A server over the blocks and what the rules record of them before these times; each level is computed from the one before. */
async function serverWithRules(blocks: string, times: readonly number[]): Promise<PrometheusServer> {
  let server = await startPrometheus({}, '', { blocks });
  for (const [index, rules] of ruleLevels().entries()) {
    const file = join(blocks, '..', `rules-${String(index)}.yml`);
    writeFileSync(file, stringify({ groups: [{ name: 'past', rules }] }));
    for (const at of times) {
      // Only what all others build on is looked back at.
      const from = index === 0 ? at - 8 * day : at - 2 * step;
      run(
        ...(['promtool', 'tsdb', 'create-blocks-from', longBlock, 'rules'] as const),
        ...[`--url=${server.url}`, `--start=${String(from)}`, `--end=${String(at + step)}`],
        ...[`--eval-interval=2m`, `--output-dir=${blocks}`, file],
      );
    }
    await server.stop();
    server = await startPrometheus({}, '', { blocks });
  }
  return server;
}

type Want = number | Readonly<Record<string, number>> | undefined;

/** What each query of the two boards shows at a time, by its panel and letter. A number is that of the project. */
function wantedAt(at: number, isLastMonthKept: boolean): Record<string, Want> {
  const { begin, end } = utcMonth(at);
  const [soFar, whole] = [between(begin, at), between(begin, end)];
  const before = between(utcMonth(begin - 1).begin, begin - step);
  const last = (value: number) => (isLastMonthKept ? value : undefined);
  const week = between(at - 7 * day, at);
  const [dayBegin, dayEnd] = [lastDay(at), lastDay(at) + day];
  const ofDay = (name: string) => counters[name]! * between(dayBegin, dayEnd);
  const perGroup = (all: number) =>
    Object.fromEntries(groups.map(([group, share]) => [`{group="${group}",project="p"}`, all * share]));
  const panels: Readonly<Record<Meter, string>> = {
    connection_seconds: 'Connection minutes',
    downstream_bytes: 'Downloaded',
    egress_seconds: 'Egress minutes',
  };
  const month = meters.flatMap((meter) => {
    const each = hourly[meter] / scales[meter];
    const [column, ratioColumn, bar] = {
      connection_seconds: ['D', 'E', 'A'],
      downstream_bytes: ['F', 'G', 'B'],
      egress_seconds: ['H', 'I', 'C'],
    }[meter];
    const ratio = (soFar * hourly[meter]) / included[meter];
    return [
      [`${panels[meter]} A`, soFar * each],
      [`${panels[meter]} B`, whole * each],
      [`${panels[meter]} C`, last(before * each)],
      [`${panels[meter]} D`, included[meter] / scales[meter]],
      [`This month by project ${column!}`, soFar * each],
      [`This month by project ${ratioColumn!}`, ratio],
      [`Used of what is included ${bar!}`, ratio],
    ] as const;
  });
  const bandwidthNow = (hourly.downstream_bytes * between(at - 1200, at)) / 1200;
  return {
    ...Object.fromEntries(month),
    'Cost A': costAfter(soFar),
    'Cost B': costAfter(whole),
    'Cost C': last(costAfter(before)),
    'Budget and fee A': 4000,
    'Budget and fee B': plan.fee!,
    'This month by project A': costAfter(soFar),
    'This month by project B': costAfter(whole),
    'This month by project C': 4000,
    'This month by project J': 1000 * begin,
    'Cost of the month by project A': costAfter(soFar),
    'Cost of the month by project B': 4000,
    'Downloaded by day A': ofDay('bandwidth_out_bytes_total'),
    'Connection minutes by day A': ofDay('connection_seconds_total') / 60,
    'Egress minutes by day A': ofDay('egress_seconds_total') / 60,
    'Uploaded by day A': ofDay('bandwidth_in_bytes_total'),
    'Participants by day A': ofDay('participants_joined_total'),
    'Sessions by day A': ofDay('sessions_started_total'),
    'Billable minutes by day A': ofDay('billable_connection_seconds_total') / 60,
    'Billable bandwidth by day A': ofDay('billable_bandwidth_bytes_total'),
    'Reconnects by day A': ofDay('participant_reconnects_total'),
    'Connections by region A': { '{region="eu"}': 700 * week },
    'Connections by type A': { '{connection_type="udp"}': 650 * week },
    'Connections by SDK A': { '{sdk="js 2.1"}': 600 * week },
    'From joining to leaving A': 400 * week,
    'From joining to leaving B': 330,
    'From joining to leaving C': 2400,
    'Rooms by connection time A': { '{project="p",room="hall"}': 120 * between(at - day, at) },
    'Groups A': 2,
    'Participants A': 40,
    'Downloaded in 7 days A': hourly.downstream_bytes * week,
    'Connection minutes in 7 days A': (hourly.connection_seconds / 60) * week,
    'Largest groups A': perGroup(hourly.downstream_bytes * week),
    'Largest groups B': perGroup(1),
    'Largest groups G': perGroup(900 * week),
    'Largest groups H': perGroup(80 * week),
    'Largest groups I': perGroup(40),
    'Largest groups J': perGroup(8),
    'Largest groups K': perGroup(bandwidthNow),
    'Participants by group A': perGroup(40),
    'Bandwidth out by group A': perGroup(bandwidthNow),
    'Downloaded by group and day A': perGroup(ofDay('bandwidth_out_bytes_total')),
    'Connection minutes by group and day A': perGroup(ofDay('billable_connection_seconds_total') / 60),
  };
}

/** The begin of the last whole day. */
function lastDay(at: number): number {
  return Math.floor(at / day) * day - day;
}

/** What the rules alone can record, from one evaluation to the next: test/rules/month.yml. */
const recordedAsTimePasses = /^Largest groups [C-F]$/;

const queries = [boards['usage.json']!, boards['customers.json']!]
  .flatMap(queriesOf)
  .map(({ name, template }) => ({ name: name.replace(/ of livekit-cloud-\w+$/, ''), template }))
  .filter(({ name }) => !recordedAsTimePasses.test(name));

/** Their values by the labels that name them; of the project alone, and of all together, the value. */
function shown(samples: Samples): Want {
  const entries = Object.entries(samples);
  const [[labels = '', value] = []] = entries;
  if (entries.length <= 1 && ['', '{}', '{project="p"}'].includes(labels)) return value;
  return samples;
}

function isClose(shownValue: Want, want: Want): boolean {
  if (typeof shownValue === 'object' && typeof want === 'object') {
    const names = Object.keys(want);
    return (
      names.length === Object.keys(shownValue).length &&
      names.every((name) => isClose(shownValue[name], want[name]))
    );
  }
  if (typeof shownValue !== 'number' || typeof want !== 'number') return shownValue === want;
  // Rules evaluate every two minutes what comes every five.
  return Math.abs(shownValue - want) <= 0.01 * Math.abs(want);
}

/** So far apart that nothing looks back from one of them to the one before. */
const cases = [
  { when: 'on the 1st', at: unix('2026-08-01T20:00:00Z'), isLastMonthKept: true },
  { when: 'on the 15th', at: unix('2026-09-15T12:00:00Z'), isLastMonthKept: true },
  { when: 'on the 31st', at: unix('2026-10-31T23:00:00Z'), isLastMonthKept: false },
];

describeWithPrometheus('the boards of the month, where Prometheus keeps 15 days', () => {
  let server: PrometheusServer;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'month-boards-'));
    const blocks = join(folder, 'blocks');
    const times = cases.map(({ at }) => at);
    importSamples(blocks, times);
    server = await serverWithRules(blocks, times);
    return async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    };
  });

  it.each(cases)('show what is true $when', async ({ at, isLastMonthKept }) => {
    expect(await server.query('livekit_cloud_month_downstream_bytes', at - 16 * day)).toEqual({});
    const wanted = wantedAt(at, isLastMonthKept);
    const wrong: unknown[] = [];
    for (const { name, template } of queries) {
      expect(Object.keys(wanted)).toContain(name);
      const query = filledIn(template, { __rate_interval: '20m' });
      const seen = shown(await server.query(query, / by (group and )?day /.test(name) ? lastDay(at) : at));
      if (!isClose(seen, wanted[name])) wrong.push({ name, seen, want: wanted[name] });
    }
    expect(wrong).toEqual([]);
  });
});
