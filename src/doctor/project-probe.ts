// One project as the checks of `doctor` see it: asked the same way, and failing in the same words, as polls.
import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { planOf } from '../config/plans.ts';
import type { ProjectSettings } from '../config/settings.ts';
import { hasCost } from '../core/plan.ts';
import { ApiClient } from '../livekit/client/api-client.ts';
import { clockSkew } from '../livekit/client/refusal.ts';
import type { RejectionReason } from '../core/session-row.ts';
import { requestsForPoll } from '../core/session-source.ts';
import { SourceError } from '../core/source-error.ts';
import { unixSeconds } from '../lib/time.ts';
import { exchangeFailure, RequestFailure } from '../livekit/client/request-failure.ts';
import { demandPerWindow } from '../livekit/client/request-budget.ts';
import { estimateDetails, estimatePoll, expectPages, surveyList } from '../livekit/list/list-survey.ts';
import type { ListedPage } from '../livekit/list/listed-page.ts';
import { fixedPages } from '../livekit/list/page-plan.ts';
import { pageRows } from '../livekit/list/page-size.ts';
import { createSessionList, type SessionList } from '../livekit/list/session-list.ts';
import { createLiveSource, serverUrl } from '../livekit/live/live-source.ts';
import { daySeconds, sessionsPath } from '../livekit/wire/wire.ts';
import { HttpClient, type HttpClientOptions } from '../network/http-client.ts';
import type { Network } from '../network/network.ts';

export type ProjectProbe = ReturnType<typeof probeProject>;
export type Answer = Awaited<ReturnType<typeof askOnce>>;
export type PollNeeds = Awaited<ReturnType<ProjectProbe['needs']>>;

export interface Connection {
  readonly seconds: number;
  readonly tls: { protocol: string; issuer: string; validUntil: string } | undefined;
  readonly throughProxy: boolean;
}

/** Of the look over the list, however large the budget is. */
const mostRequests = 40;

/** What of the month's cost is not measured, and what would measure it. */
function unmeasuredMeters({ details, url, live }: ProjectSettings): { meter: string; remedy: string }[] {
  return [
    ...(details.enabled ? [] : [{ meter: 'connection minutes', remedy: 'details.enabled to true' }]),
    ...(url === '' ? [{ meter: 'egress minutes', remedy: 'the url of the project (LIVEKIT_URL)' }] : []),
    ...(url !== '' && !live.egress ? [{ meter: 'egress minutes', remedy: 'live.egress to true' }] : []),
  ];
}

/** What the checks can ask for. Promises are rejected with a SourceError, in the words of a poll that fails. */
export function probeProject(settings: ProjectSettings, network: Network, stop: AbortSignal) {
  const { api, apiKey, apiSecret, details, id, poll } = settings;
  const url = new URL(api.url);
  const seen = observations();
  const clientOf = (address: string, options: Partial<HttpClientOptions> = {}) => {
    const connect = { connectTimeout: api.requestTimeout, ...options };
    const http = new HttpClient(network, new URL(address), connect);
    const parts = { url: address, projectId: id, apiKey, apiSecret, http, observer: seen, now: unixSeconds };
    // No retries: a check reports what it meets.
    return new ApiClient({ ...api, ...parts, attempts: 1 });
  };
  const client = clientOf(api.url, { onConnection: seen.connected });
  const list = createSessionList(client, api.concurrency);
  const liveClient = settings.url === '' ? undefined : clientOf(serverUrl(settings.url));
  const live = liveClient && createLiveSource(liveClient);
  const { proxy } = client.options.http;
  const plan = planOf(settings.plan);
  const pageSize = pageRows(api.pageSize);
  let answer: ReturnType<typeof askOnce> | undefined;
  let needs: ReturnType<typeof survey> | undefined;
  return {
    url,
    /** The proxy for it, and the variable that exempts hosts from it. */
    proxy: proxy && { ...proxy, exemptBy: network.environment['no_proxy'] ? 'no_proxy' : 'NO_PROXY' },
    /** Seconds. */
    requestTimeout: api.requestTimeout,
    hasList: id !== '',
    readsDetails: details.enabled,
    /** Undefined where no plan says what a month costs. */
    unmeasured: plan && hasCost(plan) ? unmeasuredMeters(settings) : undefined,
    /** Certificate authorities other than Node's own. */
    authorities: () => network.authorities(),
    addresses: async () => {
      const found = await lookup(url.hostname, { all: true }).catch((error: unknown) => {
        throw exchangeFailure({ url: new URL(api.url + sessionsPath(id)) }, error, []);
      });
      return found.map(({ address }) => address);
    },
    /** To a request for the first page of today's sessions; asked once. */
    answer: () => (answer ??= askOnce(list, seen, pageSize.first, stop)),
    /** What a poll takes of the request budget, found out with a few requests. */
    needs: () => (needs ??= survey()),
    live: live && {
      rooms: () => live.readRooms(stop),
      egresses: settings.live.egress ? () => live.readEgresses(stop) : undefined,
    },
    requests: () => seen.noted.requests,
    close: () => {
      client.options.http.close();
      liveClient?.options.http.close();
    },
  };

  async function survey() {
    const now = unixSeconds();
    const { requestsPerMinute } = api;
    const { interval, window } = poll;
    const look = { list, windowStart: now - window, signal: stop };
    const left = () => requestsPerMinute - seen.noted.requests;
    const found = await surveyList({
      ...look,
      pageSize: pageSize.first,
      // More would have to wait for the budget.
      mostRequests: Math.min(mostRequests, left()),
    });
    const expected =
      left() > 0
        ? await expectPages(
            { ...look, windowStart: look.windowStart + daySeconds },
            found,
            pageSize,
            api.requestTimeout,
          )
        : ({ rows: pageSize.first, because: 'the list is short' } as const);
    const { order, requestsNeeded } = estimatePoll(found, now, interval, expected.rows / pageSize.first);
    const spare =
      requestsNeeded && Math.max(0, requestsPerMinute - demandPerWindow(requestsNeeded, interval));
    const { pages, complete } = found;
    return {
      /** In the window; that many at least when it is not complete. */
      pages,
      complete,
      order,
      /** Of the pages that polls will ask for. */
      expected,
      requestsNeeded,
      requestsAllowed: requestsForPoll(requestsPerMinute, interval),
      interval,
      /** Undefined where `requestsNeeded` is. `spare`: requests a minute that the session list leaves. */
      details:
        spare === undefined
          ? undefined
          : { requestsPerMinute, spare, ...estimateDetails(found, order, now, window) },
    };
  }
}

function observations() {
  const noted = {
    requests: 0,
    /** Of the last one. */
    seconds: 0,
    /** Of HTTP; undefined when there was no answer. */
    status: undefined as number | undefined,
    /** How far this machine's clock is ahead of the API's, whole seconds; undefined when no answer tells. */
    clockSkew: undefined as number | undefined,
    connection: undefined as Connection | undefined,
  };
  return {
    noted,
    /** The last connection is that to the API, where one to a proxy comes before it. */
    connected(socket: Socket, seconds: number, isToProxy: boolean): void {
      const throughProxy = isToProxy || noted.connection?.throughProxy === true;
      noted.connection = { seconds, tls: isToProxy ? undefined : tlsOf(socket), throughProxy };
    },
    answered(status: number, serverTime: number | undefined): void {
      noted.status = status;
      noted.clockSkew = serverTime === undefined ? undefined : clockSkew(serverTime, unixSeconds());
    },
    requestFinished(_endpoint: string, seconds: number): void {
      noted.requests += 1;
      noted.seconds = seconds;
    },
  };
}

async function askOnce(
  list: SessionList,
  { noted }: ReturnType<typeof observations>,
  pageSize: number,
  signal: AbortSignal,
) {
  let page: ListedPage | undefined;
  let failure: SourceError | undefined;
  try {
    const plan = fixedPages([0]);
    [page] = await list.readPages({ from: unixSeconds(), pageSize, plan, retryTimeouts: false, signal });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    failure = error;
  }
  const { rows, rejected } = page ?? { rows: [], rejected: [] as RejectionReason[] };
  const failedAt = failure instanceof RequestFailure ? failure.failedAt : undefined;
  return { ...noted, rows: rows.length, rejected, failure, failedAt };
}

function tlsOf(socket: Socket): Connection['tls'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { issuer, valid_to: validTo } = socket.getPeerCertificate();
  const [name] = [issuer.O ?? issuer.CN].flat();
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    issuer: name ?? 'an unnamed authority',
    validUntil: new Date(validTo).toISOString().slice(0, 10),
  };
}
