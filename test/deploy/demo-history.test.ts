// The past of the demonstration: a week that Prometheus can import, of the same simulated projects as the demonstration.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../at-end.ts';
import { itWithPrometheus } from '../prometheus-programs.ts';

const bundle = resolve('.build/demo-history');
const folder = temporaryFolder(afterAll);

const write = (): Buffer =>
  // With steps of five minutes: shorter ones take longer and change nothing here.
  execFileSync(process.execPath, [join(bundle, 'main.js'), folder, '300'], {
    env: { LIVEKIT_EXPORTER_SIMULATOR_ACTIVE_ROOMS: '1' },
  });
const files = (): string[] => readdirSync(join(folder, 'complete')).sort();
const newest = (): string => readFileSync(join(folder, 'complete', files().at(-1)!), 'utf8');

beforeAll(() => {
  execFileSync(process.execPath, ['build.js', 'deploy/demo/write-history.ts', bundle]);
  write();
});

it('is a week of both projects, with what comes of session details', () => {
  expect(files().length).toBeGreaterThanOrEqual(84);
  for (const project of ['production', 'staging'])
    expect(newest()).toMatch(
      new RegExp(`^livekit_cloud_participant_connections_total\\{.*project="${project}"\\} [1-9]`, 'm'),
    );
});

it('carries the labels that Prometheus gives to what it scrapes', () => {
  const { scrape_configs: jobs } = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')) as {
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  };
  const [{ job_name: job, static_configs: targets } = expect.fail()] = jobs;
  expect(newest()).toMatch(
    new RegExp(
      `^livekit_cloud_up\\{job="${job}",instance="${targets[0]!.targets[0]!}",project="production"\\} 1`,
      'm',
    ),
  );
});

itWithPrometheus('is written once, and imported once', () => {
  const before = files();
  const file = join(folder, 'complete', before.at(-1)!);
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'blocks')]);
  rmSync(file);
  write();
  expect(files()).toEqual(before.slice(0, -1));
});
