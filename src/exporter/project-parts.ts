// What is made of a project's settings: its sources, each with its own way to LiveKit, and the rules of its ledgers.
import { planOf } from '../config/plans.ts';
import type { PollingSettings, ProjectSettings } from '../config/settings.ts';
import type { LedgerRules } from '../core/ledger.ts';
import { groupLabels, roomLabels } from '../core/room-labels.ts';
import type { ProjectMetrics } from '../exposition/self-metrics.ts';
import { ApiClient } from '../livekit/client/api-client.ts';
import type { RequestObserver } from '../livekit/client/api-request.ts';
import { RequestBudget } from '../livekit/client/request-budget.ts';
import { createAnalyticsSource } from '../livekit/list/analytics-source.ts';
import type { PageRowsChange } from '../livekit/list/page-size.ts';
import { createLiveSource, serverUrl } from '../livekit/live/live-source.ts';
import type { Logger } from '../lib/logger.ts';
import { isoTime, unixSeconds } from '../lib/time.ts';
import { HttpClient } from '../network/http-client.ts';
import type { Network } from '../network/network.ts';

/** Told of requests, and of the size of pages that the session list is asked for. */
export interface SourceObserver extends RequestObserver {
  readonly pageRowsChanged?: (change: PageRowsChange) => void;
}

const upgrade = 'look for a newer exporter, which asks what replaces the API';

export function sourceObserver(name: string, log: Logger, metrics: ProjectMetrics): SourceObserver {
  const logged = log.child({ project: name });
  let announced: number | undefined;
  let isDeprecated = false;
  return {
    ...metrics,
    pageRowsChanged: ({ rows, before, reason }) => {
      logged.debug('Pages of the session list change in size', { rows, before, reason });
      metrics.pageRowsChanged(rows);
    },
    // Every answer announces it.
    sunsetAnnounced: (at) => {
      metrics.sunsetAnnounced(at);
      if (at !== announced) logged.warn('The API announces its end', { ends: isoTime(at), remedy: upgrade });
      announced = at;
    },
    deprecationAnnounced: () => {
      if (!isDeprecated) logged.warn('The API announces that it is deprecated', { remedy: upgrade });
      isDeprecated = true;
    },
  };
}

/** Requests that were sent for a project in the last minute, under other settings or by other replicas. */
export interface RequestsBefore {
  readonly requests: number;
  /** Whether the replica before may have sent more than it could tell. */
  readonly isUntold: boolean;
}

export type Prepared = ReturnType<typeof prepare>;

/** Makes all that depends on the settings, and could fail to be made. */
export function prepare(
  settings: ProjectSettings,
  { network, isShared }: { readonly network: Network; readonly isShared: boolean },
  observer: SourceObserver,
  before: RequestsBefore | undefined,
) {
  const { id, url, apiKey, apiSecret, api } = settings;
  const clients: HttpClient[] = [];
  const open = (address: string): HttpClient => {
    const client = new HttpClient(network, new URL(address), { connectTimeout: api.requestTimeout });
    clients.push(client);
    return client;
  };
  const budget = new RequestBudget(api.requestsPerMinute, () => performance.now() / 1000);
  const untold = isShared ? budget.share() : 0;
  if (before) budget.countOthers(before.requests + (before.isUntold ? untold : 0));
  const shared = { ...api, projectId: id, apiKey, apiSecret, now: unixSeconds, observer, budget };
  const { pageRowsChanged } = observer;
  const list =
    id === '' ? undefined : createAnalyticsSource({ ...shared, pageRowsChanged, http: open(api.url) });
  const server = serverUrl(url);
  const live =
    url === '' ? undefined : createLiveSource(new ApiClient({ ...shared, url: server, http: open(server) }));
  return {
    settings,
    /** What all requests for the project share. */
    budget,
    rules: ledgerRules(settings),
    plan: planOf(settings.plan),
    /** Undefined without a project id, as `live` is without a URL of the project. */
    list,
    live,
    sources: [...(list ? (['list'] as const) : []), ...(live ? (['live'] as const) : [])],
    /** Lets go of what its APIs are asked by. */
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

export function ledgerRules({ poll, rooms, groups, details }: PollingSettings): LedgerRules {
  const labelRoom = roomLabels(rooms);
  const { rules, limit } = groups;
  return {
    window: poll.window,
    rooms,
    details: details.enabled,
    labelRoom,
    groups: rules.length > 0 ? { limit, labelOf: groupLabels(rules, labelRoom) } : undefined,
  };
}
