// An observer that writes down what it is told, for the tests of this folder.
import http from 'node:http';
import https from 'node:https';
import { vi } from 'vitest';
import type { RequestObserver } from '../../../src/livekit/client/analytics-client.ts';
// What the first request by https loads is there already: while it was loaded nothing would seem to be under way.
import '../../../src/network/authorities.ts';
import '../../../src/network/node-tls.ts';

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
  const sent = [http, https].map((node) => vi.spyOn(node, 'request').mock);
  return {
    log,
    seconds,
    waited,
    idle: () => sent.reduce((sum, { calls }) => sum + calls.length, 0) === seconds.length,
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
