// What the measured exporters are made of: one project and its rules, and the server of the program.
import { RoomPattern } from '../../src/config/room-patterns.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { Credential, type ProjectSettings } from '../../src/config/settings.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { ReadPage } from '../../src/core/session-source.ts';
import { ledgerRules } from '../../src/exporter/project-parts.ts';
import { buildApp } from '../../src/http/app.ts';
import type { MetricsRouteOptions } from '../../src/http/metrics.ts';
import { startServer } from '../../src/http/server.ts';
import { runInSlices } from '../../src/lib/slices.ts';
import { decodePage } from '../../src/livekit/wire/session-row-decoder.ts';

export const projectName = 'production';
export const projectId = 'p_bench';
/** The page server checks no token. */
export const apiKey = 'APIbench';
export const apiSecret = 'not-a-secret-but-long-enough-to-sign-with';

export const build = { version: 'bench', revision: 'bench', nodeVersion: process.version, environment: {} };

/** The ledger of such a project. */
export function createLedger(roomLimit: number): Ledger {
  return new Ledger(ledgerRules(projectSettings('', roomLimit)), Date.now() / 1000);
}

export async function decodePages(texts: readonly string[], now: number): Promise<ReadPage[]> {
  const pages: ReadPage[] = [];
  for (const text of texts) {
    const page = await runInSlices(decodePage(JSON.parse(text), now, []));
    pages.push({ ...page, readAt: now, time: now });
  }
  return pages;
}

/** A project whose polls no budget slows down. Nothing about its rooms is special but how many are published. */
export function projectSettings(
  apiUrl: string,
  roomLimit: number,
  pageSize: number | 'auto' = 1000,
): ProjectSettings {
  return {
    name: projectName,
    id: projectId,
    url: '',
    live: { interval: 15, egress: true },
    apiKey: new Credential(apiKey),
    apiSecret: new Credential(apiSecret),
    poll: { interval: 30, window: 7 * 86_400, staleAfter: 3600 },
    api: { url: apiUrl, pageSize, concurrency: 4, requestsPerMinute: 100_000, requestTimeout: 60 },
    rooms: {
      limit: roomLimit,
      linger: 600,
      include: new RoomPattern('.*'),
      exclude: new RoomPattern(''),
      rewrite: [],
    },
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
