// How long a large listing takes over an API with latency, against the time its answers take if none is waited for
// needlessly.
import { createAnalyticsSource } from '../../../src/livekit/list/analytics-source.ts';
import { HttpClient } from '../../../src/network/http-client.ts';
import { Network } from '../../../src/network/network.ts';
import { projectSettings } from '../exporter-parts.ts';
import type { Lab } from '../lab.ts';
import { atMost, type Line, type Measurement } from '../measurement.ts';
import { weekWorld } from '../world.ts';

const latencyMilliseconds = 150;
const requestsInFlight = 16;

export async function listingTime(lab: Lab): Promise<Measurement> {
  const world = weekWorld();
  const { port } = await lab.startRole('page-server', { world, latencyMilliseconds });
  const settings = projectSettings(`http://127.0.0.1:${port}`, 0);
  const { sessions: source } = createAnalyticsSource({
    ...settings,
    ...settings.api,
    projectId: settings.id,
    http: new HttpClient(new Network({}), new URL(settings.api.url), {
      connectTimeout: settings.api.requestTimeout,
    }),
    pageSize: world.pageSize,
    concurrency: requestsInFlight,
    now: () => Date.now() / 1000,
    observer: { requestFinished: ignore, requestRetried: ignore, budgetWaited: ignore },
  });
  const signal = new AbortController().signal;
  // The server takes no notice of the first day that is asked for: a window of today alone is one listing of all.
  const needs = {
    sessions: [],
    newFrom: -Infinity,
    unsettledDays: new Set<number>(),
    windowStart: world.startedAt,
  };
  const list = async () => {
    const start = performance.now();
    const parts = source.read({ needs, interval: Number.MAX_SAFE_INTEGER, signal, onPage: ignore });
    while (!(await parts.next()).done);
    return (performance.now() - start) / 1000;
  };
  const pages = world.sessions / world.pageSize;
  const ideal = (Math.ceil(pages / requestsInFlight) * latencyMilliseconds) / 1000;
  const seconds: number[] = [];

  return {
    rounds: 2,
    round: async () => {
      seconds.push(await list());
    },
    lines: () =>
      seconds.map((took, listing): Line => ({
        what: `${listing === 0 ? 'first' : 'next'} listing of ${pages} pages, ${latencyMilliseconds} ms each, ${requestsInFlight} in flight`,
        ours: `${took.toFixed(2)} s`,
        beside: `ideal ${ideal.toFixed(2)} s`,
        ...atMost(took / ideal, 1.1),
      })),
  };
}

function ignore(): void {
  // Only the time is of interest.
}
