// `serve`: polls the projects and answers scrapes until the process is asked to stop.
import type { ProjectSettings, Settings } from '../config/settings.ts';
import { aborted } from '../event-loop/aborted.ts';
import { buildApp } from '../http/app.ts';
import { startServer } from '../http/server.ts';
import { createExporter, unixSeconds } from './exporter.ts';
import { ExporterState } from './exporter-state.ts';
import type { Program } from './program.ts';
import { showFirstPolls } from './progress-bar.ts';
import { openWebAccess } from './web-access.ts';

/** The process has 10 s to stop; what clients have not taken of their answers by then is cut off. */
const closeWithinSeconds = 5;

/** Called with the URL of the landing page once it can be opened. */
type Ready = (url: string) => void;

/** Resolves once everything has stopped. Rejected when an address cannot be listened on. */
export async function serve(
  projects: readonly ProjectSettings[],
  { web, state: { file } }: Pick<Settings, 'web' | 'state'>,
  program: Program,
  ready: Ready = () => undefined,
): Promise<void> {
  const { version, log, errorOutput, stop } = program;
  const access = await openWebAccess(web.configFile, program);
  const startedAt = unixSeconds();
  const window = Math.min(...projects.map(({ poll }) => poll.window));
  const state = file ? await ExporterState.open(file, { log, window, now: unixSeconds }) : undefined;
  const exporter = await createExporter(projects, program, state);
  const app = await buildApp({
    telemetryPath: web.telemetryPath,
    exposition: exporter.exposition,
    status: { read: () => ({ version, startedAt, now: unixSeconds(), projects: exporter.status() }) },
    log,
  });
  const server = await startServer({
    addresses: web.listenAddresses,
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
    await server.close();
    await app.close();
    await access.close();
    await state?.close();
  }
}

/** The host that a browser on this machine can open. */
function urlHost(host: string): string {
  if (host === '::' || host === '0.0.0.0') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
