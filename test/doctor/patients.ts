// Patients for the tests of the checks: healthy, but for what a test says.
import { SourceError, type FailureReason } from '../../src/core/source-error.ts';
import type { Answer, Patient, PollNeeds } from '../../src/doctor/patient.ts';

export const goodAnswer: Answer = {
  status: 200,
  clockSkew: 0,
  seconds: 0.1,
  rows: 100,
  rejected: [],
  failure: undefined,
};

export const goodNeeds: PollNeeds = {
  requestsNeeded: 4,
  requestsAllowed: 50,
  interval: 30,
  pages: 71,
  complete: true,
  order: 'newest_first',
  details: { requestsPerMinute: 100, spare: 80, active: 30, endedPerMinute: 2.5 },
};

export function patient(symptoms: Partial<Patient> = {}): Patient {
  return {
    url: new URL('https://api.example'),
    proxy: undefined,
    exemptBy: undefined,
    requestTimeout: 10,
    readsDetails: false,
    authorities: () => Promise.resolve([]),
    resolve: () => Promise.resolve(['192.0.2.1']),
    reachProxy: () => Promise.resolve(),
    connect: () =>
      Promise.resolve({
        seconds: 0.04,
        tls: { protocol: 'TLSv1.3', issuer: 'An Authority', validUntil: '2027-01-31' },
      }),
    answer: () => Promise.resolve(goodAnswer),
    needs: () => Promise.resolve(goodNeeds),
    ...symptoms,
  };
}

export function answering(answer: Partial<Answer>): Partial<Patient> {
  return { answer: () => Promise.resolve({ ...goodAnswer, ...answer }) };
}

/** An answer that is no page. */
export function refusing(
  reason: FailureReason,
  status: number | undefined,
  more: Partial<Answer> = {},
): Partial<Patient> {
  return answering({ rows: 0, status, failure: failure(reason), ...more });
}

export function failure(reason: FailureReason): SourceError {
  return new SourceError(reason, `the message of ${reason}`, `the remedy of ${reason}`);
}

export function failing(reason: FailureReason): () => Promise<never> {
  return () => Promise.reject(failure(reason));
}
