// The Analytics API of one project as a source of sessions and of their details, which take a request per session, after
// all other requests (see request-budget.ts).
import type { DetailsSource } from '../../core/session-source.ts';
import type { FailureReason } from '../../core/source-error.ts';
import { ApiClient } from '../client/api-client.ts';
import type { ApiClientOptions } from '../client/api-request.ts';
import type { Use } from '../client/request-budget.ts';
import { decodeDetails } from '../wire/session-details-decoder.ts';
import { sessionPath } from '../wire/wire.ts';
import { pageRows } from './page-size.ts';
import { createSessionList } from './session-list.ts';
import { SessionReader, type SessionReaderOptions } from './session-reader.ts';

export type AnalyticsSourceOptions = ApiClientOptions &
  Omit<SessionReaderOptions, 'list' | 'budget' | 'pageSize'> & {
    /** `api.page_size` */
    readonly pageSize: number | 'auto';
  };

export type AnalyticsSource = ReturnType<typeof createAnalyticsSource>;

export function createAnalyticsSource(options: AnalyticsSourceOptions) {
  const client = new ApiClient(options);
  return {
    sessions: new SessionReader({
      ...options,
      pageSize: pageRows(options.pageSize),
      list: createSessionList(client, options.concurrency),
      budget: client.budget,
    }),
    details: createDetailsSource(client),
    /** Taking turns with the list, for callers that read each session once. */
    detailsInTurn: createDetailsSource(client, 'list'),
    waitsFor: () => client.budget.waitsFor,
  };
}

/** 10,000 participants, far more than a room can have, who reconnected several times each. */
const largestDetailsBytes = 16 * 2 ** 20;

/** Remedies that differ from those for the session list. */
const remedies: Readonly<Partial<Record<FailureReason, string>>> = {
  not_found:
    'nothing, if LiveKit no longer knows single sessions; if it knows none, set details.enabled to false',
  timeout:
    'check the network path to the API; raise api.request_timeout: the details of large sessions take longer',
  schema:
    'check that api.url is the address of the Analytics API; if it is, its format changed: look for a newer exporter',
};

export function createDetailsSource(client: ApiClient, use: Use = 'spare'): DetailsSource {
  return {
    read: (sessionId, signal) =>
      client.send({
        endpoint: 'session',
        url: client.address(sessionPath(client.options.projectId, sessionId)),
        decode: (text, _secrets, { time }) => decodeDetails(JSON.parse(text), time),
        largestBytes: largestDetailsBytes,
        use,
        // Callers retry later themselves.
        attempts: 1,
        tellsOfPeople: true,
        remedyOf: (reason, usual) => remedies[reason] ?? usual,
        signal,
      }),
  };
}
