// An observer that writes down what it is told, for the tests of this folder. Tests import this file first: what loads
// undici before keeps the fetch that nock does not answer.
import { vi } from 'vitest';
import type { ApiClientOptions, RequestObserver } from '../../../src/livekit/client/api-request.ts';
import { noon } from '../../core/session-rows.ts';
import { HttpClient } from '../../../src/network/http-client.ts';
import { Network } from '../../../src/network/network.ts';

// nock answers Node's own fetch only.
vi.mock('undici', async (original) => ({
  ...(await original<object>()),
  fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
}));

/** Asks the API at this URL without a proxy. */
export function directly(url: string): HttpClient {
  return new HttpClient(new Network({}), new URL(url), { connectTimeout: 10 });
}

/** A project p_1 at this URL, at a time that stands still, and without jitter. */
export function accessTo(url: string, observer: RequestObserver = recordRequests()) {
  return {
    url,
    projectId: 'p_1',
    apiKey: { read: () => 'APIkey' },
    apiSecret: { read: () => 'the-secret-of-p_1' },
    requestsPerMinute: 100,
    requestTimeout: 10,
    http: directly(url),
    observer,
    now: () => noon,
    random: () => 0,
  } satisfies ApiClientOptions;
}

export interface RecordedRequests extends RequestObserver {
  /** In the order they were told: `sessions ok`, `sessions timeout`, `retry sessions`, `waited`. */
  readonly log: string[];
  readonly seconds: number[];
  readonly waited: number[];
  /** Whether no request is under way, going by what was sent; for one observer at a time. */
  idle(): boolean;
}

/** Undone by vi.restoreAllMocks. */
export function recordRequests(): RecordedRequests {
  const log: string[] = [];
  const seconds: number[] = [];
  const waited: number[] = [];
  const { mock } = vi.spyOn(globalThis, 'fetch');
  return {
    log,
    seconds,
    waited,
    idle: () => mock.calls.length === seconds.length,
    requestFinished: (endpoint, requestSeconds, failure) => {
      log.push(`${endpoint} ${failure ?? 'ok'}`);
      seconds.push(requestSeconds);
    },
    requestRetried: (endpoint) => log.push(`retry ${endpoint}`),
    budgetWaited: (waitedSeconds) => {
      log.push('waited');
      waited.push(waitedSeconds);
    },
  };
}
