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
import { estimateDetails, estimatePoll } from '../livekit/list/estimates.ts';
import type { ListedPage } from '../livekit/list/listed-page.ts';
import { surveyList } from '../livekit/list/list-survey.ts';
import { FixedPages } from '../livekit/list/page-plan.ts';
import { createSessionList, type SessionList } from '../livekit/list/session-list.ts';
import { sessionsPath } from '../livekit/wire/wire.ts';
import type { Network } from '../network/http-client.ts';

/** Promises are rejected with a SourceError, in the words of a poll that fails for the same reason. */
export interface ProjectProbe {
  /** The API's base URL. */
  readonly url: URL;
  /** The proxy for it, if any, and the variable that can exempt hosts from it. */
  readonly proxy:
    | {
        readonly address: string;
        readonly variable: string;
        readonly hasCredentials: boolean;
        readonly exemptBy: string;
      }
    | undefined;
  /** Seconds. */
  readonly requestTimeout: number;
  /** Whether session details are read. */
  readonly readsDetails: boolean;
  /** The sources of authorities beside Node's own. */
  readonly authorities: () => Promise<readonly SourceOfAuthorities[]>;
  /** Of the API's host. */
  readonly addresses: () => Promise<readonly string[]>;
  /** What the API answers to the first request of a poll; asked once. Rejected never. */
  readonly answer: () => Promise<Answer>;
  /** What a poll takes of the request budget, found out with a few requests. */
  readonly needs: () => Promise<PollNeeds>;
  /** Requests that were sent so far. */
  readonly requests: () => number;
  readonly close: () => void;
}

export interface SourceOfAuthorities {
  /** The environment variable that names them. */
  readonly variable: string;
  readonly certificates: number;
  /** Why not all of them can be used, if so. */
  readonly problem: string | undefined;
}

export interface Connection {
  readonly seconds: number;
  /** Undefined without TLS. */
  readonly tls:
    { readonly protocol: string; readonly issuer: string; readonly validUntil: string } | undefined;
  readonly throughProxy: boolean;
}

export interface Answer {
  /** The connection that was opened; undefined when there was none. */
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

export interface PollNeeds {
  /** Of one poll, about; undefined when that could not be found out within the budget. */
  readonly requestsNeeded: number | undefined;
  readonly requestsAllowed: number;
  /** Seconds between polls. */
  readonly interval: number;
  /** Pages in the window; that many at least when it is not `complete`. */
  readonly pages: number;
  readonly complete: boolean;
  readonly order: 'newest_first' | 'oldest_first' | 'none';
  /** Undefined where `requestsNeeded` is. */
  readonly details: DetailsNeeds | undefined;
}

/** What session details take of the request budget, about. */
export interface DetailsNeeds {
  readonly requestsPerMinute: number;
  /** Requests a minute that the session list leaves; 0 when it needs them all. */
  readonly spare: number;
  /** Sessions with somebody in them now. */
  readonly active: number;
  /** Sessions that end in a minute, in the mean. */
  readonly endedPerMinute: number;
}

/** Of the look over the list, however large the budget is. */
const mostRequests = 40;

export function probeProject(settings: ProjectSettings, network: Network, stop: AbortSignal): ProjectProbe {
  const { api, details, id, poll } = settings;
  const url = new URL(api.url);
  const seen = new Observations();
  const http = network.open(url, {
    connectTimeout: api.requestTimeout,
    onConnection: (socket, seconds, isToProxy) => seen.connected(socket, seconds, isToProxy),
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
    requests: () => seen.requests,
    close: () => http.close(),
  };

  async function survey(): Promise<PollNeeds> {
    const now = unixSeconds();
    const { requestsPerMinute } = api;
    const found = await surveyList({
      list,
      pageSize: api.pageSize,
      windowStart: now - poll.window,
      // More would have to wait for the budget.
      mostRequests: Math.min(mostRequests, requestsPerMinute - seen.requests),
      signal: stop,
    });
    const { pages, complete } = found;
    const { order, requestsNeeded } = estimatePoll(found, now, poll.interval);
    const ofList = requestsNeeded === undefined ? undefined : demandPerWindow(requestsNeeded, poll.interval);
    return {
      order,
      requestsNeeded,
      requestsAllowed: requestsForPoll(requestsPerMinute, poll.interval),
      interval: poll.interval,
      pages,
      complete,
      details:
        ofList === undefined
          ? undefined
          : {
              requestsPerMinute,
              spare: Math.max(0, requestsPerMinute - ofList),
              ...estimateDetails(found, order, now, poll.window),
            },
    };
  }
}

/** What is noted of connections and requests. */
class Observations {
  requests = 0;
  seconds = 0;
  status: number | undefined;
  clockSkew: number | undefined;
  connection: Connection | undefined;
  #reachedProxy = false;

  /** The last one is that to the API, where one to a proxy comes before it. */
  connected(socket: Socket, seconds: number, isToProxy: boolean): void {
    this.#reachedProxy ||= isToProxy;
    const tls = socket instanceof TLSSocket && !isToProxy ? tlsOf(socket) : undefined;
    this.connection = { seconds, tls, throughProxy: this.#reachedProxy };
  }

  answered(status: number, serverTime: number | undefined): void {
    this.status = status;
    this.clockSkew = serverTime === undefined ? undefined : clockSkew(serverTime, unixSeconds());
  }

  requestFinished(_endpoint: string, seconds: number): void {
    this.requests += 1;
    this.seconds = seconds;
  }

  requestRetried(): void {
    // Nothing is sent twice.
  }

  budgetWaited(): void {
    // The budget is not used up.
  }
}

/** Asks for the first page of today's sessions. */
async function askOnce(
  list: SessionList,
  seen: Observations,
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
  const { connection, status, clockSkew: skew, seconds } = seen;
  const failedAt = failure instanceof RequestFailure ? failure.failedAt : undefined;
  const { rows = [], rejected = [] } = page ?? ({} as Partial<ListedPage>);
  return { connection, status, clockSkew: skew, seconds, rows: rows.length, rejected, failure, failedAt };
}

function tlsOf(socket: TLSSocket): Connection['tls'] {
  const { issuer, valid_to: validTo } = socket.getPeerCertificate();
  const [name] = [issuer.O ?? issuer.CN].flat();
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    issuer: name ?? 'an unnamed authority',
    validUntil: new Date(validTo).toISOString().slice(0, 10),
  };
}
