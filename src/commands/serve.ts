// `serve`: polls the projects and answers scrapes until the process is asked to stop.
import type { RequestListener } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { Settings } from '../config/settings.ts';
import { hostAndPort, type ListenAddress } from '../lib/text.ts';
import { aborted } from '../lib/signals.ts';
import { buildApp } from '../http/app.ts';
import type { ConfigurationFailure } from '../http/status.ts';
import { BasicAuth } from '../http/basic-auth.ts';
import { guarded } from '../http/guard.ts';
import { startServer, type Secure } from '../http/server.ts';
import { Exporter, type ExporterOptions } from '../exporter/exporter.ts';
import { Network } from '../network/network.ts';
import { openStateFolder } from '../state/state-folder.ts';
import type { Program } from './program.ts';
import { unixSeconds } from '../lib/time.ts';
import { startPush } from '../push/push.ts';
import { createReload } from '../exporter/reload.ts';

/** The process has 10 s to stop; what clients have not taken of their answers by then is cut off. */
const closeWithinSeconds = 5;

interface ServeOptions {
  /** The projects that settings are about. */
  readonly projectsOf?: (settings: Settings) => Settings['projects'];
  /** Called with the URL of the landing page once it can be opened. */
  readonly ready?: (url: string) => void;
}

/** Resolves once everything has stopped. Rejected when an address cannot be listened on. */
export async function serve(
  settings: Settings,
  program: Program,
  { projectsOf = ({ projects }) => projects, ready = () => undefined }: ServeOptions = {},
): Promise<void> {
  const { version, log, stop, loadSettings } = program;
  const { web, state } = settings;
  const access = await openWebAccess(web.configFile, program);
  const startedAt = unixSeconds();
  const projects = projectsOf(settings);
  const exporter = new Exporter(program, await openState(state, program));
  await exporter.configure(projects);
  let { grafanaUrl } = web;
  let reloadFailure: ConfigurationFailure | undefined;
  const { exposition, selfMetrics } = exporter;
  const push = await startPush({ ...program, exposition, selfMetrics, listenAddresses: web.listenAddress });
  const reloadOnce = createReload({
    ...{ loadSettings, exporter, projectsOf, started: settings, log },
    reloaded: (settings) => ({ grafanaUrl } = settings.web),
  });
  const reload = async () => {
    const problems = await reloadOnce();
    const since = reloadFailure?.since ?? unixSeconds();
    reloadFailure = problems.length === 0 ? undefined : { what: 'The configuration', since, problems };
    return problems;
  };
  const followRequests = async () => {
    while (!(await program.reloadRequests.next()).done) await reload();
  };
  void followRequests();
  const app = await buildApp({
    telemetryPath: web.telemetryPath,
    exposition,
    status: () => ({
      version,
      startedAt,
      now: unixSeconds(),
      grafanaUrl,
      ...exporter.status(),
      push: push?.status(),
      configurationFailures: [reloadFailure, access?.file.failure].filter((failure) => failure !== undefined),
    }),
    isElsewhere: (project) => exporter.isElsewhere(project),
    reload: web.enableLifecycle ? reload : undefined,
    log,
  });
  const server = await startServer({
    addresses: web.listenAddress,
    answer: access?.guard(app.routing) ?? app.routing,
    secure: access?.secure,
    closeWithinSeconds,
  });
  for (const { host, port } of server.addresses) {
    const address = hostAndPort(host, port);
    log.info('Listening', { address, telemetry_path: web.telemetryPath });
    const tls = access?.secure ? 'enabled' : 'disabled';
    log.info(`TLS is ${tls}.`, { http2: access?.secure?.http2 ?? false, address });
  }
  program.started();
  const [first] = server.addresses;
  const scheme = access?.secure ? 'https' : 'http';
  if (first) ready(`${scheme}://${browserAddress(first)}/`);

  void access?.file.watch(stop, (isInForce) => selfMetrics.webConfigurationRead(isInForce));
  try {
    await Promise.all([
      exporter.run(stop),
      exporter.share(first ? `${scheme}://${ownAddress(first)}` : '', stop),
      aborted(stop).then(() => server.close()),
    ]);
  } finally {
    await push?.stop();
    await server.close();
    await app.close();
    await exporter.close();
  }
}

/** What a web configuration file makes of the server; undefined without one. Rejected with a ConfigurationError. */
export async function openWebAccess(configFile: string, { log, files }: Pick<Program, 'log' | 'files'>) {
  if (configFile === '') return undefined;
  const { openWebConfigFile } = await import('../web-config/web-config-file.ts');
  const file = await openWebConfigFile(configFile, { log, readFile: files.read, now: unixSeconds });
  const { rateLimit, tls, http2 } = file.config;
  if (rateLimit) {
    const { burst, interval } = rateLimit;
    log.info('Rate Limiter is enabled.', { burst, interval: `${interval}s` });
  }
  const auth = new BasicAuth();
  const onChange: Secure['onChange'] = (listener) =>
    file.onChange((config) => listener(config.tls?.context ?? {}));
  return {
    secure: tls && { tls, http2, onChange, log },
    /** Puts what requests have to pass before an answer. */
    guard: (answer: RequestListener) =>
      guarded(answer, { config: () => file.config, auth, clock: () => performance.now(), log }),
    file,
  };
}

/** Where counters survive a restart, and who shares the projects. */
async function openState(
  { dir, redis }: Settings['state'],
  { environment, log }: Program,
): Promise<ExporterOptions> {
  if (!redis) return { store: dir ? await openStateFolder(dir, { log, now: unixSeconds }) : undefined };
  const { openRedisState } = await import('../state/redis-store.ts');
  return openRedisState({ url: redis, authorities: new Network(environment) }, unixSeconds, log);
}

/** What a browser on this machine can open. */
function browserAddress({ host, port }: ListenAddress): string {
  return hostAndPort(['::', '0.0.0.0'].includes(host) ? 'localhost' : host, port);
}

/** What other replicas, on the network or on this machine, can ask. */
export function ownAddress({ host, port }: ListenAddress): string {
  return hostAndPort(['', '0.0.0.0', '::'].includes(host) ? machineAddress() : host, port);
}

function machineAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const others = all.filter(({ internal, scopeid }) => !internal && !scopeid);
  return (others.find(({ family }) => family === 'IPv4') ?? others[0])?.address ?? '127.0.0.1';
}
