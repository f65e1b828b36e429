// What OpenTelemetry's variables say, and what is warned of in them.
import { describe, expect, it } from 'vitest';
import { readPushSettings, type Environment } from '../../src/push/environment.ts';
import { recordedLog } from './published.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

function read(environment: Environment) {
  const { log, logged } = recordedLog();
  return { settings: readPushSettings(environment, log), logged };
}

const unset: Environment = { OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_METRICS_EXPORTER: '' };
const off = 'warn Nothing is pushed because of an environment variable';

describe('whether metrics are pushed', () => {
  it.each<[string, Environment, boolean, string[]]>([
    ['nothing is set', {}, false, []],
    ['all is set to nothing', unset, false, []],
    ['only what does not ask for it', { OTEL_SERVICE_NAME: 'x', OTEL_SDK_DISABLED: 'true' }, false, []],
    ['an endpoint is set', endpoint, true, []],
    [
      'an endpoint for metrics is set',
      { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/' },
      true,
      [],
    ],
    ['OTLP is named', { OTEL_METRICS_EXPORTER: 'prometheus, OTLP' }, true, []],
    [
      'others are named',
      { ...endpoint, OTEL_METRICS_EXPORTER: 'prometheus' },
      false,
      [`${off} {"variable":"OTEL_METRICS_EXPORTER"}`],
    ],
    ['others are named and there is no endpoint', { OTEL_METRICS_EXPORTER: 'none' }, false, []],
    [
      'the SDK is switched off',
      { ...endpoint, OTEL_SDK_DISABLED: 'True' },
      false,
      [`${off} {"variable":"OTEL_SDK_DISABLED"}`],
    ],
  ])('when %s', (_, environment, isPushed, want) => {
    const { settings, logged } = read(environment);
    expect(settings !== undefined).toBe(isPushed);
    expect(logged).toEqual(want);
  });
});

describe('where to', () => {
  const ofMetrics = (value: string) => ({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: value });
  const ofAll = (value: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: value });
  const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };

  it.each<[Environment, string]>([
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/metrics'],
    [{ OTEL_METRICS_EXPORTER: 'otlp', ...grpc }, 'localhost:4317'],
    [ofAll('http://collector:4318'), 'http://collector:4318/v1/metrics'],
    [ofAll(' http://collector:4318/ \r'), 'http://collector:4318/v1/metrics'],
    [ofAll('https://prometheus/api/v1/otlp/'), 'https://prometheus/api/v1/otlp/v1/metrics'],
    [ofMetrics('https://collector/otlp'), 'https://collector/otlp'],
    [{ ...ofAll('http://other'), ...ofMetrics('http://collector:4318') }, 'http://collector:4318/'],
    [{ ...ofAll('collector:4317'), ...grpc }, 'collector:4317'],
    [{ ...ofAll('https://collector:4317/'), ...grpc }, 'collector:4317'],
    [{ ...ofAll('https://me:secret@collector/?key=secret') }, 'https://collector/v1/metrics'],
  ])('%o: %s', (environment, want) => {
    const { settings, logged } = read(environment);
    expect(settings?.receiver).toBe(want);
    expect(logged).toEqual([]);
  });

  it.each([
    'collector:4318',
    'collector',
    'ftp://collector',
    'http://',
    '//collector',
    'http://a b',
    'http://$(HOST_IP):4318',
  ])('nowhere over HTTP when the endpoint is %s, which is said without it', (value) => {
    const { settings, logged } = read(ofAll(value));
    expect(settings).toBeUndefined();
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('error Nothing is pushed because of an environment variable');
    expect(logged[0]).toContain('"variable":"OTEL_EXPORTER_OTLP_ENDPOINT"');
  });
});

describe('how', () => {
  const defaults = { protocol: 'http/protobuf', interval: 60_000, timeout: 30_000, requestTimeout: 10_000 };

  it.each<[Environment, object]>([
    [{}, {}],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON' }, { protocol: 'http/json' }],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
      { protocol: 'http/json' },
    ],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '5000' }, { interval: 5000, timeout: 5000, requestTimeout: 5000 }],
    [
      { OTEL_EXPORTER_OTLP_TIMEOUT: '2000', OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '3000' },
      { requestTimeout: 3000 },
    ],
    [{ OTEL_METRIC_EXPORT_TIMEOUT: '4000' }, { timeout: 4000, requestTimeout: 4000 }],
  ])('%o', (environment, want) => {
    const { settings, logged } = read({ ...endpoint, ...environment });
    expect(settings).toMatchObject({ ...defaults, ...want });
    expect(logged).toEqual([]);
  });
});

describe('a value that this program does not know', () => {
  const pairs = 'name=value, separated by commas, values percent-encoded';
  const milliseconds = 'whole milliseconds from 100 to 99999999';

  it.each<[name: string, value: string, allowed: string]>([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'foo', 'http/protobuf, http/json, grpc'],
    ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'http', 'http/protobuf, http/json, grpc'],
    ['OTEL_METRICS_EXPORTER', 'otlp,statsd', 'otlp, prometheus, console, none, logging'],
    ['OTEL_METRICS_EXPORTER', 'statsd', 'otlp, prometheus, console, none, logging'],
    ['OTEL_SDK_DISABLED', 'yes', 'true, false'],
    ['OTEL_METRIC_EXPORT_INTERVAL', 'abc', milliseconds],
    ['OTEL_METRIC_EXPORT_INTERVAL', '60s', milliseconds],
    ['OTEL_METRIC_EXPORT_INTERVAL', '0', milliseconds],
    ['OTEL_METRIC_EXPORT_INTERVAL', '99999999999', milliseconds],
    ['OTEL_METRIC_EXPORT_TIMEOUT', '-1', milliseconds],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10.5', milliseconds],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'none, gzip'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=a,b', pairs],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=a=b', pairs],
  ])('is warned of and ignored: %s=%s', (name, value, allowed) => {
    const { settings, logged } = read({ ...endpoint, [name]: value });
    const { settings: without } = read(endpoint);
    expect(settings).toEqual(without);
    expect(logged).toEqual([
      `warn An environment variable has a value that is not supported, and is ignored {"variable":"${name}","allowed":"${allowed}"}`,
    ]);
  });

  it.each(['authorization: Bearer one-of-the-tests', 'x=%E0%A4%A,', '=one-of-the-tests'])(
    'headers that are not pairs of name and value are warned of, without them: %s',
    (value) => {
      const { logged } = read({ ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: value });
      expect(logged).toHaveLength(1);
      expect(logged[0]).toContain(pairs);
      expect(logged[0]).not.toContain('one-of-the-tests');
    },
  );

  it('deltas are warned of, with what to do', () => {
    for (const preference of ['delta', 'lowmemory', 'what']) {
      const { settings, logged } = read({
        ...endpoint,
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference,
      });
      expect(settings).toBeDefined();
      expect(logged).toHaveLength(1);
      expect(logged[0]).toContain('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE');
      expect(logged[0]).toContain('cumulativetodelta');
    }
  });

  it('is no secret to repeat: headers are kept apart, each as it is written and as it is sent', () => {
    const { settings } = read({
      ...endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20one+/%3D, x-tenant = two-of-them',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-flag=on,x-encoded=a%20longer%20one',
    });
    expect(settings?.secrets).toEqual(
      expect.arrayContaining(['Bearer%20one+/%3D', 'Bearer one+/=', 'one+/=', 'two-of-them', 'a longer one']),
    );
    expect(settings?.secrets).not.toContain('on');
  });
});
