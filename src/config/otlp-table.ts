// The settings of the push by OTLP. Its other variables, which have no key here, are in otel-variables.ts.
import { choice, duration, filePath } from './kinds.ts';
import {
  headers,
  milliseconds,
  otelEndpoint,
  otelMetricsEndpoint,
  otlpEndpoint,
  otlpProtocol,
} from './otlp-kinds.ts';
import type { Setting, Variable } from './setting.ts';

const serving = ['serve', 'demo'] as const;

/** The variables of OpenTelemetry for all signals and for metrics, which rank higher. */
function exporterVariables(name: string, kind?: Variable['kind']): readonly Variable[] {
  return [`OTEL_EXPORTER_OTLP_METRICS_${name}`, `OTEL_EXPORTER_OTLP_${name}`].map((variable) => ({
    name: variable,
    ...(kind && { kind }),
  }));
}

export const otlpTable = {
  'otlp.endpoint': {
    kind: otlpEndpoint,
    default: '',
    help:
      'Where metrics are pushed; empty: nowhere. The base URL, to which `/v1/metrics` is added unless the protocol is `grpc`; ' +
      '`OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` is taken as it is.',
    commands: serving,
    variables: [
      { name: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', kind: otelMetricsEndpoint },
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', kind: otelEndpoint },
    ],
  },
  'otlp.protocol': {
    kind: otlpProtocol,
    default: 'http/protobuf',
    help: 'How metrics are pushed.',
    commands: serving,
    variables: exporterVariables('PROTOCOL'),
  },
  'otlp.interval': {
    kind: duration('100ms', '1d', '60s'),
    default: '60s',
    help: 'The time from the start of one push to the start of the next. In `OTEL_METRIC_EXPORT_INTERVAL` in milliseconds.',
    commands: serving,
    variables: [{ name: 'OTEL_METRIC_EXPORT_INTERVAL', kind: milliseconds(100, 86_400_000) }],
  },
  'otlp.timeout': {
    kind: duration('100ms', '5m', '10s'),
    default: '10s',
    help: 'The longest that one request may take, its repetitions included. In the variables of OpenTelemetry in milliseconds.',
    commands: serving,
    variables: exporterVariables('TIMEOUT', milliseconds(100, 300_000)),
  },
  'otlp.push_timeout': {
    kind: duration('100ms', '1h', '30s'),
    default: '30s',
    help: 'The longest that a push may take, all its requests together. In `OTEL_METRIC_EXPORT_TIMEOUT` in milliseconds.',
    commands: serving,
    variables: [{ name: 'OTEL_METRIC_EXPORT_TIMEOUT', kind: milliseconds(100, 3_600_000) }],
  },
  'otlp.compression': {
    kind: choice('none', 'gzip'),
    default: 'none',
    help: 'How requests are compressed.',
    commands: serving,
    variables: exporterVariables('COMPRESSION'),
  },
  'otlp.headers': {
    kind: headers,
    default: '',
    help: 'Headers to send with each request, for example an authorization. They cannot be a flag, which everybody on the machine could read.',
    commands: serving,
    variables: exporterVariables('HEADERS'),
  },
  'otlp.headers_file': {
    kind: filePath,
    default: '',
    help: 'A file with more headers, written as in the variables and one on each line; it is read again for each push.',
    commands: serving,
  },
  'otlp.ca_file': {
    kind: filePath,
    default: '',
    help: 'The certificates of the authorities to trust instead of the usual ones, in PEM; read again for each push, as are the next two.',
    commands: serving,
    variables: exporterVariables('CERTIFICATE'),
  },
  'otlp.cert_file': {
    kind: filePath,
    default: '',
    help: 'The client certificate, in PEM.',
    commands: serving,
    variables: exporterVariables('CLIENT_CERTIFICATE'),
  },
  'otlp.key_file': {
    kind: filePath,
    default: '',
    help: 'The key of the client certificate, in PEM.',
    commands: serving,
    variables: exporterVariables('CLIENT_KEY'),
  },
} as const satisfies Record<string, Setting>;
