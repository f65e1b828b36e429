// What the measured exporters are made of: one project and its rules, and the server of the program.
import { RoomPattern } from '../../src/config/room-patterns.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { Credential, type ProjectSettings } from '../../src/config/settings.ts';
import { buildApp } from '../../src/http/app.ts';
import type { MetricsRouteOptions } from '../../src/http/metrics.ts';
import { startServer } from '../../src/http/server.ts';

export const projectName = 'production';
export const projectId = 'p_bench';
/** The page server checks no token. */
export const apiKey = 'APIbench';
export const apiSecret = 'not-a-secret-but-long-enough-to-sign-with';

export const build = { version: 'bench', revision: 'bench', nodeVersion: process.version, environment: {} };

/** Every room is published, nothing else is special. */
export function ledgerRules(limit: number) {
  const rooms = {
    limit,
    linger: 600,
    include: new RoomPattern('.*'),
    exclude: new RoomPattern(''),
    rewrite: [],
  };
  return { window: 7 * 86_400, rooms, details: false, ...rooms };
}

/** A project whose polls no budget slows down. */
export function projectSettings(
  apiUrl: string,
  roomLimit: number,
  pageSize: number | 'auto' = 1000,
): ProjectSettings {
  const { window, rooms } = ledgerRules(roomLimit);
  return {
    name: projectName,
    id: projectId,
    url: '',
    live: { interval: 15, egress: true },
    apiKey: new Credential(apiKey),
    apiSecret: new Credential(apiSecret),
    poll: { interval: 30, window, staleAfter: 3600 },
    api: { url: apiUrl, pageSize, concurrency: 4, requestsPerMinute: 100_000, requestTimeout: 60 },
    rooms,
    groups: { rules: [], limit: 100 },
    details: { enabled: false },
    plan: projectSections.plan.parse({}),
  };
}

/** Serves the exposition, and tunes the memory then, as the program does; resolves to the port, on 127.0.0.1. */
export async function serveMetrics(exposition: MetricsRouteOptions['exposition']): Promise<number> {
  const app = await buildApp({
    telemetryPath: '/metrics',
    exposition,
    status: () => ({
      version: build.version,
      startedAt: 0,
      now: 0,
      projects: [],
      grafanaUrl: '',
      push: undefined,
      state: undefined,
      configurationFailures: [],
    }),
    isElsewhere: () => false,
    reload: undefined,
    log: { error: (message, fields) => console.error(message, fields) },
  });
  const addresses = [{ host: '127.0.0.1', port: 0 }];
  const server = await startServer({ addresses, answer: app.routing, closeWithinSeconds: 1 });
  return server.addresses[0]?.port ?? 0;
}
