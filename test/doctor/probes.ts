// Probes for the tests of the checks: of a healthy project, but for what a test says.
import { SourceError, type FailureReason } from '../../src/core/source-error.ts';
import type { Answer, Connection, PollNeeds, ProjectProbe } from '../../src/doctor/project-probe.ts';

export const goodConnection: Connection = {
  seconds: 0.04,
  tls: { protocol: 'TLSv1.3', issuer: 'An Authority', validUntil: '2027-01-31' },
  throughProxy: false,
};

export const goodAnswer: Answer = {
  requests: 1,
  connection: goodConnection,
  status: 200,
  clockSkew: 0,
  seconds: 0.1,
  rows: 100,
  rejected: [],
  failure: undefined,
  failedAt: undefined,
};

export const goodNeeds: PollNeeds = {
  requestsNeeded: 4,
  requestsAllowed: 50,
  interval: 30,
  pages: 71,
  complete: true,
  order: 'newest_first',
  expected: { rows: 100, because: 'the list is short' },
  details: { requestsPerMinute: 100, spare: 80, active: 30, endedPerMinute: 2.5 },
};

export function probe(symptoms: Partial<ProjectProbe> = {}): ProjectProbe {
  return {
    url: new URL('https://api.example'),
    proxy: undefined,
    requestTimeout: 10,
    hasList: true,
    live: undefined,
    readsDetails: false,
    unmeasured: undefined,
    authorities: () => Promise.resolve([]),
    addresses: () => Promise.resolve(['192.0.2.1']),
    answer: () => Promise.resolve(goodAnswer),
    needs: () => Promise.resolve(goodNeeds),
    requests: () => 1,
    close: () => undefined,
    ...symptoms,
  };
}

export function answering(answer: Partial<Answer>): Partial<ProjectProbe> {
  return { answer: () => Promise.resolve({ ...goodAnswer, ...answer }) };
}

/** An answer that is no page. */
export function refusing(
  reason: FailureReason,
  status: number | undefined,
  more: Partial<Answer> = {},
): Partial<ProjectProbe> {
  return answering({ rows: 0, status, failure: failure(reason), ...more });
}

/** Nothing was sent to the API. */
export function failingAt(failedAt: 'proxy' | 'connection', reason: FailureReason): Partial<ProjectProbe> {
  return refusing(reason, undefined, { connection: undefined, failedAt });
}

export function failure(reason: FailureReason): SourceError {
  return new SourceError(reason, `the message of ${reason}`, `the remedy of ${reason}`);
}

export function failing(reason: FailureReason): () => Promise<never> {
  return () => Promise.reject(failure(reason));
}
