// Every query of the cookbook and of the README, asked of a real Prometheus that knows two days of an exporter that runs:
// each has an answer.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { afterAllTests, temporaryFolder } from '../at-end.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { freePort } from '../end-to-end/free-port.ts';
import { type PrometheusServer, startPrometheus } from '../end-to-end/prometheus-server.ts';
import { serve, startProgram } from '../end-to-end/running-program.ts';
import { keys, project, simulate, unixSeconds } from '../end-to-end/simulated-api.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';

function queriesOf(page: string): string[] {
  const rows = readFileSync(page, 'utf8').matchAll(/^\|[^|`]*\| `([^`]+)` +\|$/gm);
  return Array.from(rows, ([, query = '']) => query);
}

const cookbook = queriesOf('docs/promql.md');
const readme = queriesOf('README.md').filter((query) => query.includes('livekit_cloud_'));

it('are thirty in the cookbook and ten in the README', () => {
  expect(cookbook).toHaveLength(30);
  expect(readme).toHaveLength(10);
});

describeWithPrometheus('two days of a project', () => {
  const atEnd = afterAllTests();
  const folder = temporaryFolder(atEnd);
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    const now = Math.floor(unixSeconds());
    const cloud = new ScriptedCloud({ startedAt: now, activeRooms: 2, history: 4 * 86_400 });
    cloud.addSession({ roomName: 'acme_stage', startsAt: now - 3600, egress: { from: now - 1800 }, outRate: 9 });
    const simulator = await simulate(cloud, { requestsPerMinute: 1e6 }, atEnd);
    const production = {
      ...{ name: 'production', id: project.id, ...keys, url: simulator.url },
      plan: { name: 'scale' },
      groups: { rules: [{ pattern: '([a-z0-9]+)[_-].*', group: '$1' }] },
      details: { enabled: true },
    };
    // One that fails, to be found.
    const broken = { ...production, name: 'broken', id: 'p_broken' };
    const api = { url: simulator.url, requests_per_minute: 60_000, page_size: 1000 };
    const file = (name: string, projects: object[]): string => {
      const path = join(folder, name);
      writeFileSync(path, JSON.stringify({ projects, api }));
      return `--config.file=${path}`;
    };
    const address = `127.0.0.1:${String(await freePort())}`;
    const output = join(folder, 'history');
    const flags = ['--since=2d', '--step=5m', `--output=${output}`, `--instance=${address}`, file('one.yml', [production])];
    const past = startProgram(['history', ...flags], {}, atEnd);
    expect(await past.exit(), past.errorOutput).toBe(0);
    const samples = readdirSync(output)
      .sort()
      .map((name) => readFileSync(join(output, name), 'utf8').replace('# EOF\n', ''));
    const blocks = join(folder, 'blocks');
    writeFileSync(join(folder, 'samples'), [...samples, '# EOF\n'].join(''));
    const long = '--max-block-duration=486h';
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', long, join(folder, 'samples'), blocks]);

    const both = { 'config.file': file('both.yml', [production, broken]).replace(/^.*=/, '') };
    serve({}, { ...both, 'web.listen-address': address }, atEnd);
    const job = { static_configs: [{ targets: [address] }] };
    const ruleFiles = [resolve('deploy/prometheus/rules/recording.yml')];
    prometheus = await startPrometheus({ 'livekit-cloud': job }, '', { blocks, ruleFiles });
    atEnd(() => prometheus.stop());
  });
  it.each([...new Set([...cookbook, ...readme])])('answers %s', async (query) => {
    await eventually(async () => expect(Object.keys(await prometheus.query(query))).not.toEqual([]));
  });
});
