// The way of an alert, through real programs: from the simulated API by the exporter, Prometheus and Alertmanager to
// whoever is told; and what Alertmanager keeps to itself.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../at-end.ts';
import { describeWithAlertmanager } from '../alertmanager-programs.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { impatientRules } from './impatient-rules.ts';
import { serve } from './running-program.ts';
import { cloudOf, environmentOf, project, simulate, unixSeconds } from './simulated-api.ts';

interface Notification {
  readonly receiver: string;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

interface Route {
  group_wait?: string;
  group_interval?: string;
}

interface AlertmanagerConfig {
  route: Route & { routes: Route[] };
  receivers: { name: string; webhook_configs?: { url: string }[] }[];
}

describeWithAlertmanager('a real Alertmanager', () => {
  it('tells of a spike that the exporter polled, with its numbers', async () => {
    const { url: webhook, notifications } = await listenForNotifications();
    const alertmanager = await startAlertmanager(webhook);
    const cloud = cloudOf(50, { participants: 2 });
    const simulator = await simulate(cloud);
    const exporter = serve(environmentOf(simulator));
    const target = new URL(await exporter.url()).host;
    const prometheus = await startPrometheus(target, alertmanager);
    await eventually(async () =>
      expect(await valueOf(prometheus, 'livekit_cloud_project:load:current{signal="participants"}')).toBe(
        100,
      ),
    );
    await eventually(async () =>
      expect(
        await valueOf(prometheus, 'livekit_cloud_project:rest_load:usual_high{signal="participants"}'),
      ).toBe(100),
    );
    for (const recorded of [
      'livekit_cloud_project:data_age:seconds',
      'livekit_cloud_project:load:recent_high{signal="participants"}',
      'livekit_cloud_project:rest_load:recent_high{signal="participants"}',
      'livekit_cloud_project:rest_load:recent_low{signal="participants"}',
      'livekit_cloud_room:load:current{signal="participants"}',
      'livekit_cloud_room:session_age:seconds',
    ])
      await eventually(async () =>
        expect([recorded, await valueOf(prometheus, recorded)]).toEqual([recorded, expect.any(Number)]),
      );
    // On a busy machine two scrapes in a row can come to nothing, and alerts do not wait here.
    const toldOf = notifications.flatMap(({ alerts }) => alerts.map(({ labels }) => labels.alertname));
    expect(toldOf.filter((name) => !/ExporterDown|ProjectWithoutExporter/.test(name ?? ''))).toEqual([]);

    // One room would be no change of the project.
    for (const roomName of ['launch', 'another launch']) {
      cloud.addSession({ roomName, startsAt: Math.floor(unixSeconds()) - 5, participants: 200 });
    }

    await eventually(() => {
      const told = notifications.find(({ receiver }) => receiver === 'tickets');
      expect(told?.alerts).toMatchObject([
        {
          status: 'firing',
          labels: { alertname: 'LiveKitCloudParticipantsJumped', project: project.id, severity: 'warning' },
        },
      ]);
      const { description } = told!.alerts[0]!.annotations;
      expect(description).toContain(`${project.id} has 500 participants`);
      expect(description).toContain('without its largest room it has 300, at this time of the week at most');
    });
  });

  it('keeps to itself what follows from a project without an exporter, and nothing of other projects', async () => {
    const { url: webhook } = await listenForNotifications();
    const alertmanager = await startAlertmanager(webhook);
    const alert = (alertname: string, labels: Readonly<Record<string, string>>) => ({
      labels: { alertname, job: 'livekit-cloud', ...labels },
    });
    await post(`http://${alertmanager}/api/v2/alerts`, [
      // One of two shards is down.
      alert('LiveKitCloudExporterTargetDown', { instance: 'exporter-0:17880' }),
      alert('LiveKitCloudProjectWithoutExporter', { project: 'eu' }),
      alert('LiveKitCloudDataStale', { project: 'eu' }),
      alert('LiveKitCloudParticipantsCollapsed', { project: 'us' }),
      // No exporter of this job is left.
      alert('LiveKitCloudExporterDown', { job: 'media' }),
      alert('LiveKitCloudProjectWithoutExporter', { job: 'media', project: 'asia' }),
      alert('LiveKitCloudParticipantsCollapsed', { job: 'media', project: 'asia' }),
      alert('LiveKitCloudParticipantsCollapsed', { job: 'media', project: 'asia', cluster: 'another' }),
    ]);
    await eventually(async () => {
      const answer = await fetch(`http://${alertmanager}/api/v2/alerts`);
      const alerts = (await answer.json()) as { labels: Record<string, string>; status: { state: string } }[];
      const states = alerts.map(({ labels, status }) =>
        [labels.alertname, labels.job, labels.project ?? '-', labels.cluster ?? '-', status.state].join(' '),
      );
      expect(states.sort()).toEqual([
        'LiveKitCloudDataStale livekit-cloud eu - suppressed',
        'LiveKitCloudExporterDown media - - active',
        'LiveKitCloudExporterTargetDown livekit-cloud - - active',
        'LiveKitCloudParticipantsCollapsed livekit-cloud us - active',
        'LiveKitCloudParticipantsCollapsed media asia - suppressed',
        'LiveKitCloudParticipantsCollapsed media asia another active',
        'LiveKitCloudProjectWithoutExporter livekit-cloud eu - active',
        'LiveKitCloudProjectWithoutExporter media asia - suppressed',
      ]);
    });
  });
});

async function listenForNotifications(): Promise<{ url: string; notifications: Notification[] }> {
  const notifications: Notification[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      notifications.push(JSON.parse(body) as Notification);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, notifications };
}

/** With the example's routes and inhibition; every receiver calls the webhook, at once. Answers its address. */
async function startAlertmanager(webhook: string): Promise<string> {
  const folder = temporaryFolder();
  const config = parse(readFileSync('deploy/alertmanager/alertmanager.yml', 'utf8')) as AlertmanagerConfig;
  for (const receiver of config.receivers) receiver.webhook_configs = [{ url: webhook }];
  for (const route of [config.route, ...config.route.routes]) {
    route.group_wait = '1s';
    // What was inhibited for a moment is told of after it.
    route.group_interval = '1s';
  }
  writeFileSync(join(folder, 'alertmanager.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${String(await freePort())}`;
  run('prometheus-alertmanager', [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
  ]);
  await isReady(address);
  return address;
}

/** With the product's rules, evaluated every second and without waiting, and yesterday's load. Answers its address. */
async function startPrometheus(target: string, alertmanager: string): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'history'), history());
  const database = join(folder, 'tsdb');
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'history'), database]);
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: impatientRules(folder),
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [{ job_name: 'livekit-cloud', static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${String(await freePort())}`;
  run('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${database}`,
    `--web.listen-address=${address}`,
  ]);
  await isReady(address);
  return address;
}

/** A hundred participants: around this time yesterday, and half an hour ago. */
function history(): string {
  const now = Math.floor(unixSeconds());
  const series = (load: string) =>
    `livekit_cloud_project:${load}:current{job="livekit-cloud",project="${project.id}",signal="participants"}`;
  const minutes = (load: string, from: number, until: number) =>
    Array.from(
      { length: until - from },
      (_, minute) => `${series(load)} 100 ${String(now + (from + minute) * 60)}\n`,
    );
  const lines = ['load', 'rest_load'].flatMap((load) => [
    ...minutes(load, -25 * 60, -23 * 60),
    ...minutes(load, -35, -5),
  ]);
  return [...lines, '# EOF\n'].join('');
}

function run(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  });
}

function isReady(address: string): Promise<void> {
  return eventually(async () => expect((await fetch(`http://${address}/-/ready`)).status).toBe(200));
}

async function valueOf(prometheus: string, expression: string): Promise<number | undefined> {
  const answer = await fetch(`http://${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  const value = data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}
