// Under what conditions a trial's figures came about: what the sessions were like, and what really failed.
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import { startOfDay } from '../../src/livekit/wire/wire.ts';
import type { PrometheusServer } from '../../test/end-to-end/prometheus-server.ts';
import type { Range } from './figures.ts';
import { sum } from '../bench/statistics.ts';
import { lifeline } from './lifeline.ts';

export interface Conditions {
  readonly sessions: number;
  readonly rooms: number;
  /** Sessions that started and ended within a poll interval. */
  readonly brief: number;
  readonly overMidnight: number;
  /** Requests that failed, by reason, as Prometheus counts them: those between the last scrape and a kill are lost. */
  readonly failures: Readonly<Record<string, number>>;
  /** The sizes that pages had, smallest first, and how often they changed while the exporter ran. */
  readonly pageRows: readonly number[];
  readonly pageRowsChanges: number;
}

/** @param sessions Those that ran in the trial; all have ended. */
export async function conditionsOf(
  sessions: readonly SimulatedSession[],
  pollSeconds: number,
  prometheus: PrometheusServer,
  { at, seconds }: Range,
): Promise<Conditions> {
  const selector = 'livekit_cloud_exporter_api_request_failures_total';
  const failures: Record<string, number> = {};
  for (const { labels, values } of await prometheus.histories(selector, seconds, at)) {
    const { reason = '' } = labels;
    failures[reason] = (failures[reason] ?? 0) + lifeline(values).growth;
  }
  const sizes = await prometheus.histories('livekit_cloud_exporter_api_page_rows', seconds, at);
  return {
    sessions: sessions.length,
    rooms: new Set(sessions.map(({ roomName }) => roomName)).size,
    brief: sessions.filter(({ startsAt, endsAt }) => endsAt - startsAt < pollSeconds).length,
    overMidnight: sessions.filter(({ startsAt, endsAt }) => startOfDay(endsAt) > startOfDay(startsAt)).length,
    failures,
    pageRows: [...new Set(sizes.flatMap(({ values }) => values))].sort((a, b) => a - b),
    pageRowsChanges: sum(
      sizes.map(
        ({ values }) => values.filter((rows, scrape) => scrape > 0 && rows !== values[scrape - 1]).length,
      ),
    ),
  };
}
