// What is said of a push that failed: reason, cause and what to do.
import { describe, expect, it } from 'vitest';
import { readPushSettings, type Environment } from '../../src/push/environment.ts';
import { failureOf, type Answer } from '../../src/push/failure.ts';
import { recordedLog } from './published.ts';

const collector = 'http://collector:4318';
const token = 'token-of-the-tests';

function settings(environment: Environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector }) {
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: `authorization=${token}` };
  return readPushSettings({ ...headers, ...environment }, recordedLog().log)!;
}

function refused(answer: Partial<Answer>, environment?: Environment) {
  const all = { status: 404, server: undefined, location: undefined, body: '', ...answer };
  return failureOf(new Error('refused'), all, settings(environment));
}

describe('an address that takes no metrics', () => {
  it.each([collector, `${collector}/otlp`])(
    '%s that is used as it is: nothing is said to be added',
    (url) => {
      const { remedy } = refused({}, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: url });
      expect(remedy).toContain('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, which is used as it is');
      expect(remedy).toContain('most receivers want /v1/metrics at its end');
      expect(remedy).not.toContain('is added');
    },
  );

  it.each([{ OTEL_EXPORTER_OTLP_ENDPOINT: collector }, { OTEL_METRICS_EXPORTER: 'otlp' }])(
    'where a path is added, that is said: %o',
    (environment) => {
      const { remedy } = refused({}, environment);
      expect(remedy).toContain('OTEL_EXPORTER_OTLP_ENDPOINT, to which /v1/metrics is added');
    },
  );
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
      const failure = refused({ status, server: `proxy ${token}`, body });
      expect(failure.reason).toBe('network');
      expect(failure.message).toBe(
        `${collector}/v1/metrics: HTTP ${status} with a page titled "Sign in" (Server: proxy [redacted])`,
      );
      expect(failure.remedy).not.toContain('HEADERS');
    }
  });

  it.each([
    [302, 'not_found'],
    [413, 'rejected'],
    [429, 'rate_limited'],
    [502, 'server'],
    [504, 'timeout'],
  ])('with %i speaks for the receiver: %s', (status, reason) => {
    const failure = refused({ status, body: pages[0]! });
    expect(failure.reason).toBe(reason);
    expect(failure.message).toContain('a page titled "Sign in"');
  });

  it.each(['unauthorized', '{"error":"<html>"}', '<Error><Code>AccessDenied</Code></Error>', ''])(
    'is not: %s',
    (body) => {
      expect(refused({ status: 401, body }).reason).toBe('auth');
    },
  );
});

it.each([
  ['plain\nwords', 'plain words'],
  ['\x08\x03\x12\x07in bytes', 'in bytes'],
  [`we know ${token}`, 'we know [redacted]'],
  ['HTTP 401, said another', 'HTTP 401, said another'],
])('repeats what the receiver says: %j', (body, words) => {
  const { reason, message } = refused({ status: 400, body });
  expect(message).toBe(`${collector}/v1/metrics: HTTP 400 ${words}`);
  expect(reason).toBe('rejected');
});

describe('errors', () => {
  const coded = (message: string, code: string | number, more = {}) =>
    Object.assign(new Error(message), { code }, more);
  const grpc = (code: number, name: string, details: string) =>
    coded(`${code} ${name}: ${details}`, code, { details });

  it.each<[unknown, string, RegExp]>([
    [coded('getaddrinfo ENOTFOUND collector', 'ENOTFOUND'), 'network', /name resolution/],
    [coded('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'network', /certificates/],
    [coded('certificate has expired', 'CERT_HAS_EXPIRED'), 'network', /clock/],
    [coded('Parse Error: Expected HTTP/', 'HPE_INVALID_CONSTANT'), 'network', /OTLP_PROTOCOL/],
    [coded('socket hang up', 'ECONNRESET'), 'network', /firewall/],
    [coded('Invalid character in header content ["x"]', 'ERR_INVALID_CHAR'), 'auth', /OTLP_HEADERS/],
    [new Error('Request timed out'), 'timeout', /load/],
    [new Error('The push timed out after 30 s'), 'timeout', /load/],
    [new Error('Concurrent export limit reached'), 'timeout', /load/],
    [new TypeError('x is not a function'), 'internal', /report it/],
    [undefined, 'internal', /report it/],
    [grpc(14, 'UNAVAILABLE', 'No connection established. Last error: ECONNREFUSED'), 'network', /firewall/],
    [grpc(14, 'UNAVAILABLE', 'Name resolution failed for target dns:x'), 'network', /name resolution/],
    [grpc(7, 'PERMISSION_DENIED', 'Received HTTP status code 403'), 'network', /OTLP_PROTOCOL/],
    [grpc(14, 'UNAVAILABLE', 'overloaded'), 'server', /log/],
    [grpc(4, 'DEADLINE_EXCEEDED', 'Deadline exceeded after 10s'), 'timeout', /load/],
    [grpc(99, 'undefined', 'of the future'), 'server', /log/],
  ])('%o: %s', (error, reason, remedy) => {
    const failure = failureOf(error, undefined, settings());
    expect(failure.reason).toBe(reason);
    expect(failure.remedy).toMatch(remedy);
    // Whoever was late was reached: its address, name and protocol are right.
    if (reason === 'timeout') expect(failure.remedy).not.toMatch(/ENDPOINT|OTLP_PROTOCOL|name resolution/);
    expect(failure.message).not.toBe('');
  });

  it('each address that was tried is named', () => {
    const errors = ['::1:4318', '127.0.0.1:4318'].map(
      (address) => new Error(`connect ECONNREFUSED ${address}`),
    );
    const { message } = failureOf(coded('', 'ECONNREFUSED', { errors }), undefined, settings());
    expect(message).toContain('::1:4318; connect ECONNREFUSED 127.0.0.1:4318');
  });
});
