// One project as the checks of `doctor` see it: asked the same way, and failing in the same words, as polls.
import { lookup } from 'node:dns/promises';
import { TLSSocket } from 'node:tls';
import { exchangeFailure } from '../livekit/client/request-failure.ts';
import { FixedPages } from '../livekit/list/page-plan.ts';
import { surveyList } from '../livekit/list/list-survey.ts';
import { demandPerWindow } from '../livekit/client/spare-budget.ts';
import { estimateDetails, estimatePoll } from '../livekit/list/estimates.ts';
import { createSessionList, type SessionList } from '../livekit/list/session-list.ts';
import { sessionsPath } from '../livekit/wire/wire.ts';
import type { NetworkSettings, ProjectSettings } from '../config/settings.ts';
import { clockSkew } from '../core/clock-skew.ts';
import { requestsForPoll } from '../core/session-source.ts';
import type { SessionPage } from '../core/session-row.ts';
import { SourceError } from '../core/source-error.ts';
import type { Answer, Patient, PollNeeds } from './patient.ts';
import { findAuthorities } from '../network/authorities.ts';
import { ConnectionError } from '../network/connection-error.ts';
import { ProxyError } from '../network/proxy-error.ts';
import { openConnection, openToProxy, openTunnel } from '../network/connection.ts';
import type { HttpClient } from '../network/api-network.ts';
import type { Network } from '../network/network.ts';
import { unixSeconds } from '../exporter/project-run.ts';

/** However large the budget is. */
const mostRequests = 40;

const direct: NetworkSettings = { proxy: undefined, exemptBy: undefined, authorities: [] };

/** Tells how many requests were sent. */
export interface CountedPatient extends Patient {
  requests(): number;
}

export function patientOf(
  settings: ProjectSettings,
  network: Network,
  http: HttpClient,
  stop: AbortSignal,
): CountedPatient {
  const { api, details, id, poll } = settings;
  const { proxy, exemptBy, authorities } = settings.network ?? direct;
  const named = { proxy, authorities };
  const base = new URL(api.url);
  const requested = new URL(api.url + sessionsPath(id));
  const heard = new Heard();
  const list = createSessionList({
    ...api,
    projectId: id,
    apiKey: settings.apiKey,
    apiSecret: settings.apiSecret,
    http,
    // What is found is to be told, not to be overcome.
    attempts: 1,
    observer: heard,
    now: unixSeconds,
  });
  let answer: Promise<Answer> | undefined;
  let needs: Promise<PollNeeds> | undefined;
  return {
    url: base,
    proxy: proxy && { ...proxy, hasCredentials: proxy.credentials !== undefined },
    exemptBy,
    requestTimeout: api.requestTimeout,
    readsDetails: details.enabled,
    requests: () => heard.requests,
    authorities: async () => {
      const found = await Promise.all(authorities.map(findAuthorities));
      return found.map(({ source, certificates, problem }) => ({
        variable: source.variable,
        certificates: certificates.length,
        problem,
      }));
    },
    resolve: () =>
      inWordsOfPolls(requested, async () => {
        const addresses = await lookup(base.hostname, { all: true });
        return addresses.map(({ address }) => address);
      }),
    reachProxy: () =>
      inWordsOfPolls(requested, async () => {
        if (!proxy) return;
        const { secureContext } = await network.way(base, named);
        const isTunnel = base.protocol === 'https:';
        const socket = await (isTunnel
          ? openTunnel(base, proxy, secureContext)
          : openToProxy(proxy, secureContext));
        socket.destroy();
      }),
    connect: () =>
      inWordsOfPolls(requested, async () => {
        const way = await network.way(base, named);
        const began = performance.now();
        const socket = await openConnection(base, way);
        const seconds = (performance.now() - began) / 1000;
        const tls = base.protocol === 'https:' && socket instanceof TLSSocket ? tlsOf(socket) : undefined;
        socket.destroy();
        return { seconds, tls };
      }),
    answer: () => (answer ??= askOnce(list, heard, api.pageSize, stop)),
    needs: () => (needs ??= survey()),
  };

  async function survey(): Promise<PollNeeds> {
    const now = unixSeconds();
    const found = await surveyList({
      list,
      pageSize: api.pageSize,
      windowStart: now - poll.window,
      // More would have to wait for the budget.
      mostRequests: Math.min(mostRequests, api.requestsPerMinute - heard.requests),
      signal: stop,
    });
    const { pages, complete } = found;
    const { order, requestsNeeded } = estimatePoll(found, now, poll.interval);
    const { requestsPerMinute } = api;
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

/** What is heard of the requests. */
class Heard {
  requests = 0;
  seconds = 0;
  status: number | undefined;
  clockSkew: number | undefined;

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
  heard: Heard,
  pageSize: number,
  signal: AbortSignal,
): Promise<Answer> {
  let page: SessionPage = { rows: [], rejected: [] };
  let failure: SourceError | undefined;
  try {
    await list.readPages({
      from: unixSeconds(),
      pageSize,
      plan: new FixedPages([0]),
      retryTimeouts: false,
      signal,
      onPage: (answer) => {
        page = answer;
      },
    });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    failure = error;
  }
  const { status, clockSkew: skew, seconds } = heard;
  return { status, clockSkew: skew, seconds, rows: page.rows.length, rejected: page.rejected, failure };
}

async function inWordsOfPolls<Result>(url: URL, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw exchangeFailure(url, error instanceof ProxyError ? asConnectionError(error) : error, []);
  }
}

function asConnectionError({ proxy, hasCredentials, status, cause }: ProxyError): ConnectionError {
  const credentials = hasCredentials ? '' : undefined;
  return new ConnectionError({ proxy: { ...proxy, credentials }, status, cause });
}

function tlsOf(socket: TLSSocket): { protocol: string; issuer: string; validUntil: string } {
  const { issuer, valid_to: validTo } = socket.getPeerCertificate();
  const [name] = [issuer.O ?? issuer.CN].flat();
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    issuer: name ?? 'an unnamed authority',
    validUntil: new Date(validTo).toISOString().slice(0, 10),
  };
}
