// What the usage board adds up, computed by Prometheus' own engine over series whose sums are known. Times are days
// since 1 January 1970: day 31 is 1 February, day 59 1 March.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  byTheEnd,
  connectionMinutes,
  cost,
  exactConnections,
  grown,
  inTheDay,
  measured,
  soFar,
  type Hourly,
} from '../../grafana/src/usage/usage-queries.ts';
import { requirePrometheus } from '../installed-prometheus.ts';
import { itWithPrometheus as it } from '../prometheus-programs.ts';
import { filledIn } from './board-queries.ts';

interface Series {
  readonly metric?: string;
  readonly instance?: string;
  readonly project?: string;
  /** What it grows by in a minute, or its value. */
  readonly each?: number;
  /** Minutes. */
  readonly from?: number;
  readonly until?: number;
}

const day = 24 * 60;
const end = 60 * day;
const downloaded = 'livekit_cloud_bandwidth_out_bytes_total';

function written(series: Series): { series: string; values: string } {
  const { metric = downloaded, instance = 'a', project = 'p', each = 1, from = 0, until = end } = series;
  const values = metric.endsWith('_total') ? `0+${String(each)}` : `${String(each)}+0`;
  return {
    series: `${metric}{job="exporter", instance="${instance}", project="${project}"}`,
    values: `${from > 0 ? `_x${String(from)} ` : ''}${values}x${String(until - from)}`,
  };
}

/** The difference that promtool sees; empty when there is none. */
function difference(
  series: readonly Series[],
  expression: string,
  at: number,
  want: number | undefined,
): string {
  requirePrometheus();
  const folder = mkdtempSync(join(tmpdir(), 'usage-'));
  try {
    const exp_samples = want === undefined ? [] : [{ labels: '{project="p"}', value: want }];
    const promql_expr_test = [{ expr: filledIn(expression), eval_time: `${String(at)}m`, exp_samples }];
    const file = join(folder, 'test.yml');
    const tests = [{ interval: '1m', input_series: series.map(written), promql_expr_test }];
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ rule_files: [], tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    return status === 0 ? '' : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** promtool reads no series beyond the time it evaluates at; the day that begins two days before is known. */
function inTheDayBeforeLast(hourly: Hourly): string {
  return `last_over_time((${inTheDay(hourly)})[59s:1m] offset 2d)`;
}

const noonOf45 = 45 * day + 720;

it.each([
  {
    name: 'a day is what was used between two midnights',
    series: [{ until: 44 * day }, { instance: 'later', from: 45 * day }],
    expression: inTheDayBeforeLast(grown(downloaded)),
    at: 45 * day,
    want: day,
  },
  {
    name: 'today is what was used so far',
    series: [{ until: 43 * day + 120 }],
    expression: inTheDayBeforeLast(grown(downloaded)),
    at: 45 * day,
    want: 120,
  },
  {
    name: 'the month begins at midnight of its first day',
    series: [{}],
    expression: soFar(grown(downloaded)),
    at: noonOf45,
    want: 14.5 * day,
  },
  {
    name: 'the month is empty before its first hour has numbers',
    series: [{ until: 31 * day - 60 }],
    expression: soFar(grown(downloaded)),
    at: 31 * day + 30,
    want: undefined,
  },
  {
    name: 'the last hour of a month still belongs to it',
    series: [{ until: 59 * day - 60 }],
    expression: soFar(grown(downloaded)),
    at: 59 * day - 1,
    want: 28 * day - 60,
  },
  {
    name: 'by the end of the month it goes on as in the last week',
    series: [{ until: 45 * day }],
    expression: byTheEnd(grown(downloaded)),
    at: 45 * day,
    want: 28 * day,
  },
  {
    name: 'two exporters of a project are counted once',
    series: [{ instance: 'a' }, { instance: 'b', from: 3 }],
    expression: soFar(grown(downloaded)),
    at: noonOf45,
    want: 14.5 * day,
  },
  {
    name: 'an exporter that follows another on the hour loses nothing',
    series: [{ until: 40 * day + 60 }, { instance: 'b', from: 40 * day + 60 }],
    expression: soFar(grown(downloaded)),
    at: noonOf45,
    want: 14.5 * day,
  },
  {
    name: 'connection time without details is what was seen each minute',
    series: [{ metric: 'livekit_cloud_active_participants', each: 3 }],
    expression: inTheDayBeforeLast(connectionMinutes),
    at: 45 * day,
    want: 3 * day,
  },
  {
    name: 'connection time with details is what they say',
    series: [
      { metric: 'livekit_cloud_active_participants', each: 3 },
      { metric: 'livekit_cloud_connection_seconds_total', each: 150 },
    ],
    expression: inTheDayBeforeLast(connectionMinutes),
    at: 45 * day,
    want: 2.5 * day,
  },
  {
    name: 'cost is that of minutes and GB, at the prices given',
    series: [{ each: 1e9 }, { metric: 'livekit_cloud_active_participants', each: 2000 }],
    expression: inTheDayBeforeLast(cost),
    at: 45 * day,
    want: day * (2000 * 0.0005 + 0.12),
  },
  {
    name: 'cost with details is that of what is billed',
    series: [
      { each: 5e9 },
      { metric: 'livekit_cloud_active_participants', each: 3 },
      { metric: 'livekit_cloud_billable_connection_seconds_total', each: 60 * 2000 },
      { metric: 'livekit_cloud_billable_bandwidth_bytes_total', each: 1e9 },
    ],
    expression: inTheDayBeforeLast(cost),
    at: 45 * day,
    want: day * (2000 * 0.0005 + 0.12),
  },
  {
    name: 'connection time is exact for the part of the month that has details',
    series: [{}, { metric: 'livekit_cloud_connection_seconds_total', from: 38 * day }],
    expression: exactConnections,
    at: 45 * day,
    want: 0.5,
  },
  {
    name: 'no connection time is exact without details',
    series: [{}, { metric: 'livekit_cloud_active_participants', each: 3 }],
    expression: exactConnections,
    at: 45 * day,
    want: 0,
  },
  {
    name: 'half of the month was measured',
    series: [{ from: 38 * day }],
    expression: measured,
    at: 45 * day,
    want: 0.5,
  },
])('$name', ({ series, expression, at, want }) => {
  expect(difference(series, expression, at, want)).toBe('');
});
