// `npm run fleet`: a thousand projects of a hundred open sessions, polled by four replicas that share one real Redis, all on
// this machine. Says what that takes, and how long projects are without a replica when one is killed. Exits with 1 when Redis
// is written to too often, or projects come back too late. Other numbers: `npm run fleet -- PROJECTS SESSIONS REPLICAS`.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ScriptedCloud } from '../../test/simulator-support/scripted-cloud.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { freePort } from '../../test/end-to-end/free-port.ts';
import { cpuSeconds, residentMegabytes } from '../bench/proc.ts';
import { Processes } from '../bench/processes.ts';

const [projects = 1000, sessions = 100, replicaCount = 4] = process.argv.slice(2).map(Number);
const measuredSeconds = 60;
/** As Prometheus does, all replicas are scraped meanwhile. */
const scrapeInterval = 15;
/** The goals. */
const mostWrites = 1000;
const mostSecondsWithout = 30;

const { apiKey, apiSecret } = { apiKey: 'APIfleet', apiSecret: 'the-secret-of-the-fleet-that-is-measured' };
const processes = new Processes();
let redis: ChildProcess | undefined;
const folder = mkdtempSync(join(tmpdir(), 'fleet-'));

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  })
  .finally(async () => {
    redis?.kill('SIGKILL');
    await processes.stopAll();
    rmSync(folder, { recursive: true });
    process.exit();
  });

interface Replica {
  readonly pid: number;
  readonly url: string;
}

async function main(): Promise<void> {
  const names = Array.from({ length: projects }, (_, index) => `project-${String(index)}`);
  const simulator = await startSimulator({
    projects: names.map((id) => ({ id, apiKey, apiSecret, cloud: cloud() })),
    now: unixSeconds,
  });
  const redisPort = await freePort();
  redis = spawn(
    'redis-server',
    ['--bind', '127.0.0.1', '--port', String(redisPort), '--save', '', '--dir', folder],
    { stdio: 'ignore' },
  );
  const config = join(folder, 'config.yml');
  const listed = names.map((name) => ({ name, id: name, api_key: apiKey, api_secret: apiSecret }));
  // JSON is YAML. The clouds began an hour ago.
  const api = { url: simulator.url };
  writeFileSync(config, JSON.stringify({ projects: listed, api, poll: { window: '1d' } }));
  const replicas = await Promise.all(
    Array.from({ length: replicaCount }, () =>
      startReplica(config, `redis://127.0.0.1:${String(redisPort)}`),
    ),
  );
  const began = performance.now();
  await until(() => areReady(replicas), 400);
  console.log(
    `${String(projects)} projects of ${String(sessions)} open sessions, ${String(replicaCount)} replicas:`,
  );
  say('all polled after', `${seconds(began)} s`);
  const counts = await Promise.all(replicas.map(owned));
  say('projects of a replica', `${String(Math.min(...counts))} to ${String(Math.max(...counts))}`);

  const before = { writes: writes(redisPort), bytes: received(redisPort), cpu: cpus([...replicas, redis]) };
  const scrapes: { milliseconds: number; bytes: number }[] = [];
  for (let passed = 0; passed < measuredSeconds; passed += scrapeInterval) {
    await wait(scrapeInterval * 1000);
    for (const replica of replicas) scrapes.push(await scrape(replica));
  }
  const written = ((writes(redisPort) - before.writes) * 30) / measuredSeconds;
  const cpu = cpus([...replicas, redis]).map(
    (after, index) => (after - before.cpu[index]!) / measuredSeconds,
  );
  const ofReplicas = cpu.slice(0, -1);
  say('writes to Redis in 30 s', `${written.toFixed(0)} (at most ${String(mostWrites)})`);
  say('bytes to Redis a second', kilobytes((received(redisPort) - before.bytes) / measuredSeconds));
  say('processor of Redis', percent(cpu.at(-1) ?? NaN));
  say('processor of a replica', `${percent(Math.min(...ofReplicas))} to ${percent(Math.max(...ofReplicas))}`);
  const memory = replicas.map(({ pid }) => residentMegabytes(pid));
  say('memory of a replica', `${Math.min(...memory).toFixed(0)} to ${Math.max(...memory).toFixed(0)} MB`);
  say(
    'memory of Redis',
    `${residentMegabytes(redis.pid!).toFixed(0)} MB, the states in it ${kilobytes(info(redisPort, 'used_memory_dataset'))}`,
  );
  const [first, later] = [scrapes.slice(0, replicaCount), scrapes.slice(replicaCount)].map((some) =>
    Math.max(...some.map(({ milliseconds }) => milliseconds)),
  );
  say(
    'a scrape, gzip, at most',
    `${later!.toFixed(0)} ms, the first ${first!.toFixed(0)} ms, ${kilobytes(scrapes.at(-1)!.bytes)}`,
  );

  if (written > mostWrites) process.exitCode = 1;

  const [killed, ...others] = replicas as [Replica, ...Replica[]];
  if (others.length === 0) return;
  const moving = await projectsOf(killed);
  process.kill(killed.pid, 'SIGKILL');
  const killedAt = performance.now();
  await until(async () => {
    while (moving[0] !== undefined && (await isUp(moving[0], others))) moving.shift();
    return moving.length === 0;
  }, 120);
  const without = Number(seconds(killedAt));
  say(
    'after a kill all polled by others after',
    `${String(without)} s (at most ${String(mostSecondsWithout)})`,
  );
  if (without > mostSecondsWithout) process.exitCode = 1;
}

/** Sessions that all began within the last hour, a few of them in each room. */
function cloud(): ScriptedCloud {
  const startedAt = unixSeconds() - 3600;
  const made = new ScriptedCloud({ startedAt });
  for (let index = 0; index < sessions; index++) {
    const startsAt = startedAt + (index * 3000) / sessions;
    made.addSession({
      roomName: `room ${String(index % 25)}`,
      startsAt,
      inRate: 1000,
      outRate: 3000,
      participants: 2,
    });
  }
  return made;
}

async function startReplica(config: string, redisUrl: string): Promise<Replica> {
  const args = ['dist/main.js', `--config.file=${config}`, '--web.listen-address=127.0.0.1:0'];
  const { pid, port } = await processes.start(process.execPath, args, {
    env: { LIVEKIT_EXPORTER_STATE_REDIS_URL: redisUrl },
  });
  return { pid, url: `http://127.0.0.1:${String(port)}` };
}

/** Whether each project has a replica and was polled. */
async function areReady(replicas: readonly Replica[]): Promise<boolean> {
  const answers = await Promise.all(replicas.map(({ url }) => fetch(`${url}/-/ready`)));
  return answers.every(({ ok }) => ok);
}

/** The names of the projects that a replica publishes. */
async function projectsOf({ url }: Replica): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(/^livekit_cloud_up\{project="([^"]*)"\} 1$/gm)].map(([, name = '']) => name);
}

/** Whether one of them publishes the project, polled well. */
async function isUp(project: string, replicas: readonly Replica[]): Promise<boolean> {
  const answers = replicas.map(async ({ url }) => (await fetch(`${url}/metrics?project=${project}`)).text());
  return (await Promise.all(answers)).some((text) => /^livekit_cloud_up\{.*\} 1$/m.test(text));
}

async function owned({ url }: Replica): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^livekit_cloud_exporter_projects_owned (\d+)$/m.exec(text)?.[1]);
}

async function scrape({ url }: Replica): Promise<{ milliseconds: number; bytes: number }> {
  const began = performance.now();
  const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
  await response.arrayBuffer();
  return { milliseconds: performance.now() - began, bytes: Number(response.headers.get('content-length')) };
}

async function until(isDone: () => Promise<boolean>, patience: number): Promise<void> {
  const began = performance.now();
  while (!(await isDone().catch(() => false))) {
    if (performance.now() - began > patience * 1000) throw new Error(`not within ${String(patience)} s`);
    await wait(1000);
  }
}

function cpus(processes: readonly { readonly pid?: number | undefined }[]): number[] {
  return processes.map(({ pid }) => cpuSeconds(pid ?? NaN));
}

function redisInfo(port: number): string {
  return spawnSync('redis-cli', ['-p', String(port), 'INFO', 'all'], { encoding: 'utf8' }).stdout;
}

function info(port: number, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(redisInfo(port))?.[1]);
}

/** Commands that change something, those inside of scripts too. */
function writes(port: number): number {
  const calls = redisInfo(port).matchAll(/cmdstat_(?:hset|hdel|mset|set):calls=(\d+)/g);
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
}

function received(port: number): number {
  return info(port, 'total_net_input_bytes');
}

function say(what: string, value: string): void {
  console.log(`  ${what.padEnd(40)} ${value}`);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function unixSeconds(): number {
  return Date.now() / 1000;
}
