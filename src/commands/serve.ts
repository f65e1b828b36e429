// `serve`: polls the projects and answers scrapes until the process is asked to stop.
import type { Settings } from '../config/settings.ts';
import { aborted } from '../lib/signals.ts';
import { buildApp } from '../http/app.ts';
import { startServer } from '../http/server.ts';
import { Exporter } from '../exporter/exporter.ts';
import { StateFolder } from '../state/state-folder.ts';
import type { Program } from './program.ts';
import { showFirstPolls } from './progress-bar.ts';
import { unixSeconds } from '../exporter/project-run.ts';
import { startPush } from '../push/push.ts';
import { createReload } from '../exporter/reload.ts';
import { openWebAccess } from './web-access.ts';

/** The process has 10 s to stop; what clients have not taken of their answers by then is cut off. */
const closeWithinSeconds = 5;

export interface ServeOptions {
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
  const { version, log, errorOutput, stop, loadSettings } = program;
  const {
    web,
    state: { dir },
  } = settings;
  const access = await openWebAccess(web.configFile, program);
  const startedAt = unixSeconds();
  const projects = projectsOf(settings);
  const store = dir ? await StateFolder.open(dir, { log, now: unixSeconds }) : undefined;
  const exporter = new Exporter(program, { store });
  await exporter.configure(projects);
  const { exposition, selfMetrics } = exporter;
  const push = await startPush({ ...program, exposition, selfMetrics, listenAddresses: web.listenAddress });
  const reload = createReload({ loadSettings, exporter, projectsOf, started: settings, log });
  program.onReloadRequest(() => void reload());
  const app = await buildApp({
    telemetryPath: web.telemetryPath,
    exposition: exporter.exposition,
    status: {
      read: () => ({
        version,
        startedAt,
        now: unixSeconds(),
        projects: exporter.status(),
        push: push?.status(),
        state: exporter.stateStatus(),
      }),
    },
    reload: web.enableLifecycle ? reload : undefined,
    scheme: access.scheme,
    log,
  });
  const server = await startServer({
    addresses: web.listenAddress,
    answer: access.guard(app.routing),
    makeServer: access.makeServer,
    closeWithinSeconds,
  });
  for (const { host, port } of server.addresses) {
    const address = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
    log.info('Listening', { address, telemetry_path: web.telemetryPath });
    const tls = access.scheme === 'https' ? 'enabled' : 'disabled';
    log.info(`TLS is ${tls}.`, { http2: access.http2, address });
  }
  const [first] = server.addresses;
  if (first) ready(`${access.scheme}://${urlHost(first.host)}:${String(first.port)}/`);

  const bar = showFirstPolls(errorOutput, exporter.pollers);
  try {
    await Promise.all([exporter.run(stop), aborted(stop).then(() => server.close())]);
  } finally {
    bar.stop();
    await push?.stop();
    await server.close();
    await app.close();
    await access.close();
    await exporter.close();
  }
}

/** The host that a browser on this machine can open. */
function urlHost(host: string): string {
  if (host === '::' || host === '0.0.0.0') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
