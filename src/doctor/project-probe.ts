// One project as the checks of `doctor` see it: asked the same way, and failing in the same words, as polls.
import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ProjectSettings } from '../config/settings.ts';
import { clockSkew } from '../core/clock-skew.ts';
import type { RejectionReason } from '../core/session-row.ts';
import { requestsForPoll } from '../core/session-source.ts';
import { SourceError } from '../core/source-error.ts';
import { unixSeconds } from '../exporter/project-run.ts';
import { exchangeFailure, RequestFailure } from '../livekit/client/request-failure.ts';
import { demandPerWindow } from '../livekit/client/spare-budget.ts';
import {
  type DetailsEstimate,
  estimateDetails,
  estimatePoll,
  type ListSurvey,
  type PollEstimate,
  surveyList,
} from '../livekit/list/list-survey.ts';
import type { ListedPage } from '../livekit/list/listed-page.ts';
import { FixedPages } from '../livekit/list/page-plan.ts';
import { createSessionList, type SessionList } from '../livekit/list/session-list.ts';
import { sessionsPath } from '../livekit/wire/wire.ts';
import type { Network } from '../network/http-client.ts';

/** Promises are rejected with a SourceError, in the words of a poll that fails for the same reason. */
export interface ProjectProbe {
  /** The API's base URL. */
  readonly url: URL;
  /** The proxy for it, and the variable that exempts hosts from it. */
  readonly proxy:
    { address: string; variable: string; hasCredentials: boolean; exemptBy: string } | undefined;
  /** Seconds. */
  readonly requestTimeout: number;
  /** Whether session details are read. */
  readonly readsDetails: boolean;
  /** The sources of authorities beside Node's own, by their variables. */
  readonly authorities: () => Promise<
    readonly { variable: string; certificates: number; problem: string | undefined }[]
  >;
  /** Of the API's host. */
  readonly addresses: () => Promise<readonly string[]>;
  /** What the API answers to the first request of a poll; asked once. */
  readonly answer: () => Promise<Answer>;
  /** What a poll takes of the request budget, found out with a few requests. */
  readonly needs: () => Promise<PollNeeds>;
  /** Requests that were sent so far. */
  readonly requests: () => number;
  readonly close: () => void;
}

export interface Connection {
  readonly seconds: number;
  /** Undefined without TLS. */
  readonly tls: { protocol: string; issuer: string; validUntil: string } | undefined;
  readonly throughProxy: boolean;
}

export interface Answer {
  /** Undefined when none was opened. */
  readonly connection: Connection | undefined;
  /** Of HTTP; undefined when there was no answer. */
  readonly status: number | undefined;
  /** How far this machine's clock is ahead of the API's, whole seconds; undefined when the answer does not tell. */
  readonly clockSkew: number | undefined;
  readonly seconds: number;
  /** Rows of the page that can be used, and why the others cannot. */
  readonly rows: number;
  readonly rejected: readonly RejectionReason[];
  /** Undefined when the answer is a page of sessions. */
  readonly failure: SourceError | undefined;
  /** Where it failed when nothing was sent to the API. */
  readonly failedAt: RequestFailure['failedAt'];
}

/** `interval`: seconds between polls. `pages` in the window: that many at least when it is not `complete`. */
export interface PollNeeds extends PollEstimate, Pick<ListSurvey, 'pages' | 'complete'> {
  readonly requestsAllowed: number;
  readonly interval: number;
  /** Undefined where `requestsNeeded` is. `spare`: requests a minute that the session list leaves. */
  readonly details: (DetailsEstimate & { requestsPerMinute: number; spare: number }) | undefined;
}

/** Of the look over the list, however large the budget is. */
const mostRequests = 40;

export function probeProject(settings: ProjectSettings, network: Network, stop: AbortSignal): ProjectProbe {
  const { api, details, id, poll } = settings;
  const url = new URL(api.url);
  const seen = observations();
  const http = network.open(url, {
    connectTimeout: api.requestTimeout,
    onConnection: seen.connected,
  });
  const list = createSessionList({
    ...api,
    projectId: id,
    apiKey: settings.apiKey,
    apiSecret: settings.apiSecret,
    http,
    // What is found is to be told, not to be overcome.
    attempts: 1,
    observer: seen,
    now: unixSeconds,
  });
  const { proxy } = http;
  let answer: Promise<Answer> | undefined;
  let needs: Promise<PollNeeds> | undefined;
  return {
    url,
    proxy: proxy && {
      address: proxy.address,
      variable: proxy.variable,
      hasCredentials: proxy.credentials !== undefined,
      exemptBy: network.environment['no_proxy'] ? 'no_proxy' : 'NO_PROXY',
    },
    requestTimeout: api.requestTimeout,
    readsDetails: details.enabled,
    authorities: async () => {
      const found = await network.authorities.find();
      return found.map(({ source, certificates, problem }) => ({
        variable: source.variable,
        certificates: certificates.length,
        problem,
      }));
    },
    addresses: async () => {
      try {
        return (await lookup(url.hostname, { all: true })).map(({ address }) => address);
      } catch (error) {
        throw exchangeFailure({ url: new URL(api.url + sessionsPath(id)) }, error, []);
      }
    },
    answer: () => (answer ??= askOnce(list, seen, api.pageSize, stop)),
    needs: () => (needs ??= survey()),
    requests: () => seen.noted.requests,
    close: () => http.close(),
  };

  async function survey(): Promise<PollNeeds> {
    const now = unixSeconds();
    const { requestsPerMinute } = api;
    const { interval, window } = poll;
    const found = await surveyList({
      list,
      pageSize: api.pageSize,
      windowStart: now - window,
      // More would have to wait for the budget.
      mostRequests: Math.min(mostRequests, requestsPerMinute - seen.noted.requests),
      signal: stop,
    });
    const { order, requestsNeeded } = estimatePoll(found, now, interval);
    const spare =
      requestsNeeded && Math.max(0, requestsPerMinute - demandPerWindow(requestsNeeded, interval));
    return {
      ...found,
      order,
      requestsNeeded,
      requestsAllowed: requestsForPoll(requestsPerMinute, interval),
      interval,
      details:
        spare === undefined
          ? undefined
          : { requestsPerMinute, spare, ...estimateDetails(found, order, now, window) },
    };
  }
}

/** What is noted of connections and requests. */
function observations() {
  const noted = {
    requests: 0,
    seconds: 0,
    status: undefined as number | undefined,
    skew: undefined as number | undefined,
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
      noted.skew = serverTime === undefined ? undefined : clockSkew(serverTime, unixSeconds());
    },
    requestFinished(_endpoint: string, seconds: number): void {
      noted.requests += 1;
      noted.seconds = seconds;
    },
    // Nothing is sent twice, and the budget is not used up.
    requestRetried: () => undefined,
    budgetWaited: () => undefined,
  };
}

/** Asks for the first page of today's sessions. */
async function askOnce(
  list: SessionList,
  { noted }: ReturnType<typeof observations>,
  pageSize: number,
  signal: AbortSignal,
): Promise<Answer> {
  let page: ListedPage | undefined;
  let failure: SourceError | undefined;
  try {
    await list.readPages({
      from: unixSeconds(),
      pageSize,
      plan: new FixedPages([0]),
      retryTimeouts: false,
      signal,
      onPage: (answered) => (page = answered),
    });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    failure = error;
  }
  const { connection, status, skew, seconds } = noted;
  const failedAt = failure instanceof RequestFailure ? failure.failedAt : undefined;
  const { rows = [], rejected = [] } = page ?? ({} as Partial<ListedPage>);
  return { connection, status, clockSkew: skew, seconds, rows: rows.length, rejected, failure, failedAt };
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
