// The rates on the boards, computed by Prometheus' own engine, where polls are as rare as they can be.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { ofProjects, polledRateOf, polledRateOfRooms } from '../../grafana/src/parts/selectors.ts';
import { itWithPrometheus as it } from '../prometheus-programs.ts';
import { filledIn } from './board-queries.ts';

const bytes = 'livekit_cloud_bandwidth_out_bytes_total';
const of = '{job="exporter", instance="a", project="p"}';

/** A byte a second, read at each poll; scraped every 30 s for six hours. */
function testOf(pollMinutes: number, expression: string): object {
  const repeats = pollMinutes * 2 - 1;
  const polled = (each: number): string =>
    Array.from({ length: 360 / pollMinutes }, (_, poll) => `${poll * each + 1}x${repeats}`).join(' ');
  const range = `(${filledIn(expression, { __rate_interval: '2m' })})[119m30s:1m]`;
  return {
    name: `a poll each ${pollMinutes} min`,
    interval: '30s',
    input_series: [
      { series: `livekit_cloud_exporter_polls_total${of}`, values: polled(1) },
      {
        series: `livekit_cloud_exporter_last_successful_poll_timestamp_seconds${of}`,
        values: polled(pollMinutes * 60),
      },
      { series: `${bytes}${of}`, values: polled(pollMinutes * 60) },
    ],
    promql_expr_test: [
      `count_over_time(${range}) / 120`,
      `min_over_time(${range})`,
      `max_over_time(${range})`,
    ].map((each) => ({
      expr: `round(${each}, 0.01)`,
      eval_time: '350m',
      exp_samples: [{ labels: of, value: 1 }],
    })),
  };
}

it('rates neither dip nor jump between rare polls', () => {
  const folder = temporaryFolder();
  const ofProject = polledRateOf(ofProjects(bytes));
  const tests = [
    ...[1, 5, 20, 60].map((minutes) => testOf(minutes, ofProject)),
    ...[1, 5].map((minutes) => testOf(minutes, polledRateOfRooms(ofProjects(bytes)))),
  ];
  const file = join(folder, 'test.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ rule_files: [], tests }));
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  expect(status, `${stdout}${stderr}`).toBe(0);
});
