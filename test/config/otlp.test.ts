import { describe, expect, it } from 'vitest';
import { Authority, temporaryFolder } from '../certificates.ts';
import type { PushSettings } from '../../src/config/settings.ts';
import { oneProject, problemsOf, settingsFrom, type Given } from './settings-from.ts';

const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

function otlpOf({ environment, argv = [], files = {} }: Given) {
  const withFile = files['/etc/c.yaml'] === undefined ? argv : [...argv, '--config.file=/etc/c.yaml'];
  return settingsFrom({ argv: withFile, environment: { ...oneProject, ...environment }, files }).then(
    ({ otlp }) => otlp,
  );
}

async function pushOf(given: Given): Promise<PushSettings> {
  const { push } = await otlpOf(given);
  if (!push) throw new Error('nothing is pushed');
  return push;
}

function problems({ environment, ...given }: Given): Promise<readonly string[]> {
  return problemsOf({ environment: { ...oneProject, ...environment }, ...given });
}

describe('whether something is pushed', () => {
  it.each<{
    name: string;
    environment?: Given['environment'];
    argv?: string[];
    file?: string;
    want: string | undefined;
  }>([
    { name: 'nothing by itself', want: undefined },
    { name: 'an endpoint for all signals', environment: on, want: 'http://collector:4318/v1/metrics' },
    {
      name: 'an endpoint for metrics, taken as it is',
      environment: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://vm:8428/opentelemetry/v1/metrics?x=1' },
      want: 'http://vm:8428/opentelemetry/v1/metrics?x=1',
    },
    {
      name: 'an endpoint with a path',
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://prometheus/api/v1/otlp/' },
      want: 'https://prometheus/api/v1/otlp/v1/metrics',
    },
    { name: 'the file', file: 'otlp: {endpoint: "http://f:1"}', want: 'http://f:1/v1/metrics' },
    {
      name: 'variables over the file',
      file: 'otlp: {endpoint: "http://f:1"}',
      environment: on,
      want: 'http://collector:4318/v1/metrics',
    },
    {
      name: 'the variable for metrics over the one for all signals',
      environment: { ...on, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m:1' },
      want: 'http://m:1/',
    },
    {
      name: 'our own variable over those of OpenTelemetry',
      environment: {
        ...on,
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m:1',
        LIVEKIT_EXPORTER_OTLP_ENDPOINT: 'http://o:1',
      },
      want: 'http://o:1/v1/metrics',
    },
    {
      name: 'a flag over all',
      environment: on,
      argv: ['--otlp.endpoint=http://g:1'],
      want: 'http://g:1/v1/metrics',
    },
    { name: 'an empty flag: no', environment: on, argv: ['--otlp.endpoint='], want: undefined },
    {
      name: 'the name of the exporter alone',
      environment: { OTEL_METRICS_EXPORTER: 'prometheus, otlp' },
      want: 'http://localhost:4318/v1/metrics',
    },
    {
      name: 'the name of the exporter and gRPC',
      environment: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      want: 'http://localhost:4317',
    },
    {
      name: 'an empty endpoint in the file: no',
      file: 'otlp: {endpoint: "", protocol: grpc}',
      want: undefined,
    },
  ])('$name', async ({ environment, argv, file, want }) => {
    const files: Record<string, string> = file === undefined ? {} : { '/etc/c.yaml': file };
    const { push } = await otlpOf({ ...(environment && { environment }), ...(argv && { argv }), files });
    expect(push?.endpoint).toBe(want);
  });

  it.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_SDK_DISABLED', 'TRUE'],
    ['OTEL_METRICS_EXPORTER', 'none'],
    ['OTEL_METRICS_EXPORTER', 'prometheus'],
  ])('%s=%s switches it off', async (name, value) => {
    expect(await otlpOf({ environment: { ...on, [name]: value } })).toEqual({ switchedOffBy: name });
    expect(await otlpOf({ environment: { [name]: value } })).toEqual({});
  });

  it('only by the commands that serve, and then variables that are wrong do not matter', async () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense', OTEL_EXPORTER_OTLP_TIMEOUT: 'x' };
    expect(await otlpOf({ argv: ['once'], environment })).toEqual({});
    expect(await otlpOf({ environment: { ...environment, OTEL_EXPORTER_OTLP_ENDPOINT: '' } })).toEqual({});
    expect(await otlpOf({ argv: ['demo'], environment: on })).toMatchObject({ push: {} });
  });
});

describe('how it is pushed', () => {
  it('by default as OpenTelemetry specifies', async () => {
    const push = await pushOf({ environment: on });
    expect(push).toMatchObject({
      protocol: 'http/protobuf',
      interval: 60,
      timeout: 10,
      pushTimeout: 30,
      compression: 'none',
      resource: {},
    });
    expect(push.headers()).toEqual({});
    expect(push.tls()).toEqual({});
  });

  it('as the variables of OpenTelemetry say, those for metrics before the others', async () => {
    const push = await pushOf({
      environment: {
        ...on,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
        OTEL_METRIC_EXPORT_INTERVAL: '15000',
        OTEL_METRIC_EXPORT_TIMEOUT: '20000',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
        OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi==, X-Scope-OrgID = tenant%2C1 ',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Cumulative',
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=prod%20eu',
        OTEL_SERVICE_NAME: 'usage',
      },
    });
    expect(push).toMatchObject({
      protocol: 'http/json',
      interval: 15,
      timeout: 2.5,
      pushTimeout: 20,
      compression: 'gzip',
      resource: { 'service.name': 'usage', 'deployment.environment.name': 'prod eu' },
    });
    expect(push.headers()).toEqual({ authorization: 'Basic YTpi==', 'x-scope-orgid': 'tenant,1' });
  });

  it('with the headers of the variable for metrics alone, when there is one: the others may be for someone else', async () => {
    const push = await pushOf({
      environment: {
        ...on,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-tenant=1',
      },
    });
    expect(push.headers()).toEqual({ 'x-tenant': '1' });
  });

  it('as flags and the file say', async () => {
    const push = await pushOf({
      argv: ['--otlp.interval=5s', '--otlp.compression=gzip', '--otlp.timeout=1500ms'],
      environment: { OTEL_METRIC_EXPORT_INTERVAL: '15000' },
      files: {
        '/etc/c.yaml':
          'otlp:\n  endpoint: https://f\n  protocol: http/json\n  headers: {Authorization: "Bearer x"}\n  push_timeout: 1m\n',
      },
    });
    expect(push).toMatchObject({
      protocol: 'http/json',
      interval: 5,
      timeout: 1.5,
      pushTimeout: 60,
      compression: 'gzip',
    });
    expect(push.headers()).toEqual({ authorization: 'Bearer x' });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317' }, 'http://c:4317'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:4317/' }, 'https://c:4317'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4317' }, 'https://c:4317'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '[::1]:4317', OTEL_EXPORTER_OTLP_INSECURE: 'true' }, 'http://[::1]:4317'],
    [
      { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'c:4317', OTEL_EXPORTER_OTLP_METRICS_INSECURE: 'True' },
      'http://c:4317',
    ],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4317',
        OTEL_EXPORTER_OTLP_INSECURE: 'true',
        OTEL_EXPORTER_OTLP_METRICS_INSECURE: 'false',
      },
      'https://c:4317',
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:4317', OTEL_EXPORTER_OTLP_INSECURE: 'true' },
      'https://c:4317',
    ],
  ])('over gRPC with %o to %s', async (environment, endpoint) => {
    const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', ...environment };
    expect((await pushOf({ environment: grpc })).endpoint).toBe(endpoint);
  });
});

describe('what stands in files', () => {
  const authority = Authority.root(temporaryFolder(), 'authority');
  const { cert: ca } = authority;
  const client = authority.client();
  const pem = { '/etc/tls/ca.pem': ca, '/etc/tls/c.pem': client.cert, '/etc/tls/c.key': client.key };

  it('is read again, from paths relative to the configuration file or to where the program was started', async () => {
    const files: Record<string, string> = {
      '/etc/c.yaml':
        'otlp: {endpoint: "https://f", headers: {a: one, b: two}, headers_file: h, ca_file: tls/ca.pem, cert_file: tls/c.pem}',
      '/etc/h': 'b=three\nAuthorization=Bearer%20x\n',
      'relative.key': client.key,
      ...pem,
    };
    const push = await pushOf({ files, argv: ['--otlp.key-file=relative.key'] });
    expect(push.headers()).toEqual({ a: 'one', b: 'three', authorization: 'Bearer x' });
    expect(push.tls()).toEqual({ ca, cert: client.cert, key: client.key });
    files['/etc/h'] = 'b=four';
    expect(push.headers()).toEqual({ a: 'one', b: 'four' });
    files['/etc/h'] = 'no pair: secret-of-the-tests';
    expect(push.headers).toThrow(/otlp\.headers_file \(content of the file\): entry 1 has no =/);
    delete files['/etc/tls/ca.pem'];
    expect(push.tls).toThrow(/otlp\.ca_file: the file cannot be read: there is no such file/);
  });

  it.each([
    {
      name: 'no file',
      environment: { OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere' },
      problem: 'OTEL_EXPORTER_OTLP_CERTIFICATE: the file cannot be read: there is no such file',
    },
    {
      name: 'no certificate',
      environment: { OTEL_EXPORTER_OTLP_CERTIFICATE: '/etc/tls/c.key' },
      problem: 'OTEL_EXPORTER_OTLP_CERTIFICATE (content of the file): not a certificate in PEM',
    },
    {
      name: 'no key',
      environment: { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/etc/tls/c.pem' },
      problem: 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: a client certificate needs its key too',
    },
    {
      name: 'no certificate of the key',
      environment: { OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: '/etc/tls/c.key' },
      problem: 'OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: a key needs its client certificate too',
    },
    {
      name: 'the key of another',
      environment: {
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/etc/tls/ca.pem',
        OTEL_EXPORTER_OTLP_CLIENT_KEY: '/etc/tls/c.key',
      },
      problem: 'OTEL_EXPORTER_OTLP_CLIENT_KEY: the key is not that of the client certificate',
    },
  ])('is complained about: $name', async ({ environment, problem }) => {
    expect(await problems({ environment: { ...on, ...environment }, files: pem })).toEqual([problem]);
  });
});

describe('mistakes are errors at the start', () => {
  const url = 'an http or https URL, for example http://localhost:4318, or HOST:PORT for gRPC';
  const pairs = 'name=value, separated by commas, with % and a comma in values percent-encoded';

  it.each<[name: string, value: string, problem: string]>([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://c:21', `ftp://c:21 is not an http(s) URL; allowed: ${url}`],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'http://a:secret@c',
      `the value holds a user name or password, which belong into otlp.headers as authorization; allowed: ${url}`,
    ],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'collector:4318',
      'the endpoint for http/protobuf begins with http:// or https://',
    ],
    [
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'http/xml',
      'http/xml is not one of them; allowed: http/protobuf, http/json, grpc',
    ],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', '10s is not a whole number; allowed: 100 to 300000 (milliseconds)'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '0', '0 is out of range; allowed: 100 to 300000 (milliseconds)'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '60', '60 is out of range; allowed: 100 to 86400000 (milliseconds)'],
    ['OTEL_METRIC_EXPORT_TIMEOUT', '-1', '-1 is out of range; allowed: 100 to 3600000 (milliseconds)'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'zstd is not one of them; allowed: none, gzip'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization: Bearer', `entry 1 has no =; allowed: ${pairs}`],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=1,=secret', `entry 2 has no name before its =; allowed: ${pairs}`],
    [
      'OTEL_EXPORTER_OTLP_HEADERS',
      'a=100%',
      `entry 1 has a % that is not percent-encoding; allowed: ${pairs}`,
    ],
    [
      'OTEL_EXPORTER_OTLP_HEADERS',
      'a b=1',
      'entry 1: the name is not that of a header; allowed: letters, digits and _.-',
    ],
    [
      'OTEL_EXPORTER_OTLP_HEADERS',
      'a=1,b=%0a',
      'entry 2: the value is empty or holds other than printable ASCII characters',
    ],
    [
      'OTEL_EXPORTER_OTLP_HEADERS',
      'Content-Type=text/plain',
      'entry 1: the exporter sets the header content-type itself; take it out',
    ],
    [
      'OTEL_METRICS_EXPORTER',
      'otlpp',
      'otlpp is not one of them; allowed: otlp, prometheus, console, none, logging, otlp/stdout',
    ],
    ['OTEL_SDK_DISABLED', '1', '1 is not one of them; allowed: true, false'],
    ['OTEL_EXPORTER_OTLP_INSECURE', 'yes', 'yes is not one of them; allowed: true, false'],
    [
      'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
      'delta',
      'delta is not one of them; allowed: cumulative',
    ],
    [
      'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
      'base2_exponential_bucket_histogram',
      'the value is not one of them; allowed: explicit_bucket_histogram',
    ],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=1,b', `entry 2 has no =; allowed: ${pairs}`],
  ])('%s=%s', async (name, value, problem) => {
    const environment = { ...on, [name]: value };
    const found = await problems({ environment });
    expect(found).toHaveLength(1);
    expect(found[0]?.replace(/^\w+: /, '')).toBe(problem);
    expect(found[0]?.startsWith(name)).toBe(true);
    expect(found[0]).not.toContain('secret');
  });

  it('a path in the endpoint of gRPC', async () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317/v1/metrics',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    };
    expect(await problems({ environment })).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT: an endpoint for grpc has no path; write http://HOST:PORT or https://HOST:PORT',
    ]);
  });

  it('names the line of the file, never a value of a header', async () => {
    const text =
      'otlp:\n  endpoint: collector:4318\n  headers:\n    authorization: [secret]\n    x y: secret\n  interval: 5\n';
    const found = await problems({ argv: ['--config.file=c.yaml'], files: { 'c.yaml': text } });
    expect(found).toEqual([
      'c.yaml:2:13: otlp.endpoint: collector:4318 is not an http(s) URL; allowed: an http or https URL, for example http://localhost:4318',
      'c.yaml:4:20: otlp.headers.authorization: the value is not text; put it in quotes',
      'c.yaml:5:10: otlp.headers.(a key): the name is not that of a header; allowed: letters, digits and _.-',
      'c.yaml:6:13: otlp.interval: 5 is not a duration; allowed: 100ms to 1d, for example 60s',
    ]);
  });
});
