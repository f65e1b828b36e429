// What is said of a push that failed: reason, cause and what to do.
import { describe, expect, it } from 'vitest';
import { readPushSettings, type Environment } from '../../src/push/environment.ts';
import { answerFailure, failureOf, tookTooLong, type Answer } from '../../src/push/failure.ts';
import { recordedLog } from './published.ts';

const collector = 'http://collector:4318';
const token = 'token-of-the-tests';

function settings(environment: Environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector }) {
  return readPushSettings(
    { OTEL_EXPORTER_OTLP_HEADERS: `authorization=${token}`, ...environment },
    recordedLog().log,
  )!;
}

const answer = (changes: Partial<Answer>): Answer => ({
  status: 404,
  server: undefined,
  location: undefined,
  body: '',
  ...changes,
});

describe('an address that takes no metrics', () => {
  const remedy = (environment: Environment) => answerFailure(answer({}), settings(environment)).remedy;

  it('a path that is missing where nothing is added is said to be missing', () => {
    const said = remedy({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: collector });
    expect(said).toContain('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is used as it is and has no path');
    expect(said).toContain(`${collector}/v1/metrics`);
    expect(said).not.toContain('is added');
  });

  it('a path that is there and used as it is is to be checked', () => {
    const said = remedy({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${collector}/otlp` });
    expect(said).toContain('check the path in OTEL_EXPORTER_OTLP_METRICS_ENDPOINT');
    expect(said).not.toContain('is added');
  });

  it('where a path is added, that is said', () => {
    for (const environment of [{ OTEL_EXPORTER_OTLP_ENDPOINT: collector }, { OTEL_METRICS_EXPORTER: 'otlp' }])
      expect(remedy(environment)).toContain(
        'check OTEL_EXPORTER_OTLP_ENDPOINT, to which /v1/metrics is added',
      );
  });

  it('a path that is there twice is to be taken out', () => {
    expect(remedy({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector}/v1/metrics` })).toContain(
      'take /v1/metrics out of OTEL_EXPORTER_OTLP_ENDPOINT',
    );
  });
});

describe('a push that took too long', () => {
  it.each<[Environment, string, string]>([
    [{}, 'OTEL_EXPORTER_OTLP_TIMEOUT', '10 s'],
    [{ OTEL_METRIC_EXPORT_TIMEOUT: '3000' }, 'OTEL_METRIC_EXPORT_TIMEOUT', '3 s'],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '2500' }, 'OTEL_METRIC_EXPORT_INTERVAL', '2.5 s'],
  ])('has one remedy, the variable that bounds it: %o', (environment, variable, time) => {
    const failure = tookTooLong(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: collector, ...environment }));
    expect(failure.message).toContain(time);
    expect(failure.remedy.match(/OTEL_\w+/g)).toEqual([variable]);
  });
});

describe('a page for people', () => {
  const pages = [
    '<!DOCTYPE html><html><head><title>Sign in</title></head></html>',
    '\ufeff\n <html lang="en">\n<head>\n<TITLE data-x="">\n Sign in </TITLE>',
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html><title>Sign in</title>',
    '<!-- by the proxy --><html><title>Sign in</title>',
  ];
  it.each([200, 400, 401, 403, 404, 405])('with %i is not of the receiver: network', (status) => {
    for (const body of pages) {
      const failure = answerFailure(answer({ status, server: `proxy ${token}`, body }), settings());
      expect(failure.reason).toBe('network');
      expect(failure.message).toBe(
        `${collector}/v1/metrics answered ${status} (Server: proxy [redacted]): a page titled "Sign in"`,
      );
      expect(failure.remedy).not.toContain('HEADERS');
    }
  });

  it.each([
    [413, 'rejected'],
    [429, 'rate_limited'],
    [502, 'server'],
    [504, 'timeout'],
  ])('with %i speaks for the receiver: %s', (status, reason) => {
    const failure = answerFailure(answer({ status, body: pages[0] ?? '' }), settings());
    expect(failure.reason).toBe(reason);
    expect(failure.message).toContain('a page titled "Sign in"');
  });

  it.each(['unauthorized', '{"error":"<html>"}', '<Error><Code>AccessDenied</Code></Error>', ''])(
    'is not: %s',
    (body) => {
      expect(answerFailure(answer({ status: 401, body }), settings()).reason).toBe('auth');
    },
  );
});

describe('what the receiver says', () => {
  it.each([
    ['{"code":3,"message":"in JSON"}', 'in JSON'],
    ['{"error":"of a proxy"}', 'of a proxy'],
    ['plain\nwords', 'plain words'],
    ['\x08\x03\x12\x07in bytes', 'in bytes'],
    [`we know ${token}`, 'we know [redacted]'],
  ])('%j', (body, words) => {
    const { message } = answerFailure(answer({ status: 400, body }), settings());
    expect(message).toMatch(new RegExp(`answered 400: .?${words.replace(/[[\]]/g, '\\$&')}$`));
  });
});

describe('errors', () => {
  const coded = (message: string, code: string | number, more = {}) =>
    Object.assign(new Error(message), { code }, more);

  it.each<[unknown, string, RegExp]>([
    [coded('getaddrinfo ENOTFOUND collector', 'ENOTFOUND'), 'network', /name service/],
    [coded('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'network', /certificate/],
    [coded('certificate has expired', 'CERT_HAS_EXPIRED'), 'network', /certificate/],
    [coded('Parse Error: Expected HTTP/', 'HPE_INVALID_CONSTANT'), 'network', /another protocol/],
    [coded('socket hang up', 'ECONNRESET'), 'network', /receiver runs/],
    [
      coded('', 'ECONNREFUSED', { errors: [new Error('connect ::1'), new Error('connect 127.0.0.1')] }),
      'network',
      /receiver runs/,
    ],
    [coded('Invalid character in header content ["x"]', 'ERR_INVALID_CHAR'), 'auth', /OTLP_HEADERS/],
    [new Error('Request timed out'), 'timeout', /more time/],
    [new Error('Concurrent export limit reached'), 'timeout', /more time/],
    [new TypeError('x is not a function'), 'internal', /report it/],
    [undefined, 'internal', /report it/],
    [
      coded('14 UNAVAILABLE', 14, { details: 'No connection established. Last error: connect ECONNREFUSED' }),
      'network',
      /receiver runs/,
    ],
    [
      coded('14 UNAVAILABLE', 14, { details: 'Name resolution failed for target dns:x' }),
      'network',
      /name service/,
    ],
    [coded('14 UNAVAILABLE', 14, { details: 'overloaded' }), 'server', /its log|receiver's log/],
    [coded('4 DEADLINE_EXCEEDED', 4, { details: 'Deadline exceeded after 10s' }), 'timeout', /more time/],
    [coded('99', 99, { details: 'of the future' }), 'server', /receiver's log/],
  ])('%o: %s', (error, reason, remedy) => {
    const failure = failureOf(error, undefined, settings());
    expect(failure.reason).toBe(reason);
    expect(failure.remedy).toMatch(remedy);
    expect(failure.message).not.toBe('');
  });

  it('an answer says more than the broken connection after it', () => {
    const failure = failureOf(coded('write EPIPE', 'EPIPE'), answer({ status: 413 }), settings());
    expect(failure.reason).toBe('rejected');
    expect(failure.remedy).toContain('size of a request');
  });

  it('each address that was tried is named', () => {
    const errors = [
      new Error('connect ECONNREFUSED ::1:4318'),
      new Error('connect ECONNREFUSED 127.0.0.1:4318'),
    ];
    const { message } = failureOf(coded('', 'ECONNREFUSED', { errors }), undefined, settings());
    expect(message).toContain('::1:4318; connect ECONNREFUSED 127.0.0.1:4318');
  });
});
