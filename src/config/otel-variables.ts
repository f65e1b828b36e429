// The variables of OpenTelemetry that are no settings of ours: what switches the push off, what it says of who
// pushes, and preferences that the exporter can only meet in one way.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
import type { Environment } from './environment.ts';
import { givenText } from './given.ts';
import type { Report } from './given.ts';
import { privateText, scalar, shortText } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { pairsAllowed, readPairs } from './pairs.ts';

/** One of these names, in any case. */
function word(...names: readonly string[]): Kind<string> {
  return scalar({
    noun: 'text',
    allowed: names.join(', '),
    types: ['string'],
    harmless: shortText(/^[\w/-]+$/),
    parse(text) {
      const value = names.find((name) => name === text.trim().toLowerCase());
      return value === undefined ? { problem: 'is not one of them' } : { value };
    },
  });
}

interface OtelVariable {
  readonly kind: Kind<string>;
  readonly help: string;
}

export const otelVariables = {
  OTEL_SDK_DISABLED: {
    kind: word('true', 'false'),
    help: '`true`: nothing is pushed, whatever else is set.',
  },
  OTEL_METRICS_EXPORTER: {
    kind: word('otlp', 'prometheus', 'console', 'none', 'logging', 'otlp/stdout'),
    help:
      'Names separated by commas. With `otlp` among them metrics are pushed, without an endpoint to ' +
      '`http://localhost:4318` (`grpc`: `http://localhost:4317`); without it nothing is. The others change nothing here.',
  },
  OTEL_SERVICE_NAME: {
    kind: privateText('any text in one line', /^/),
    help: 'The attribute `service.name` of the resource; `livekit-cloud-exporter` unless set.',
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    kind: privateText(pairsAllowed, /^/),
    help:
      'More attributes of the resource. `service.instance.id` is the host name and the port that is listened on, ' +
      'unless set here: set it where the host name changes with every start.',
  },
  OTEL_EXPORTER_OTLP_METRICS_INSECURE: {
    kind: word('true', 'false'),
    help: '`true`: a gRPC endpoint without `http://` or `https://` is spoken to without TLS.',
  },
  OTEL_EXPORTER_OTLP_INSECURE: {
    kind: word('true', 'false'),
    help: 'The same, of lower rank.',
  },
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: {
    kind: word('cumulative'),
    help:
      'Counters are cumulative; nothing else is possible. Where a receiver wants deltas, the collector of OpenTelemetry ' +
      'makes them (`cumulativetodelta`).',
  },
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: {
    kind: word('explicit_bucket_histogram'),
    help: 'Histograms have explicit buckets; nothing else is possible.',
  },
} as const satisfies Record<string, OtelVariable>;

export type OtelVariableName = keyof typeof otelVariables;

/** The value of a variable; undefined when it is not set, or cannot be used, which is reported. */
export function readOtelVariable(
  environment: Environment,
  name: OtelVariableName,
  report: Report,
): string | undefined {
  const text = environment[name];
  return text ? otelVariables[name].kind.read(givenText(name, text), report) : undefined;
}

/** Whether the environment names OTLP among the exporters of metrics; undefined when it names none. */
export function namesOtlp(environment: Environment, report: Report): boolean | undefined {
  const text = environment['OTEL_METRICS_EXPORTER'];
  if (!text) return undefined;
  const { kind } = otelVariables.OTEL_METRICS_EXPORTER;
  const names = text.split(',').map((name) => kind.read(givenText('OTEL_METRICS_EXPORTER', name), report));
  return names.includes('otlp');
}

/** What the environment says of who pushes. */
export function resourceAttributes(environment: Environment, report: Report): Record<string, string> {
  const text = readOtelVariable(environment, 'OTEL_RESOURCE_ATTRIBUTES', report);
  const name = readOtelVariable(environment, 'OTEL_SERVICE_NAME', report);
  return {
    ...Object.fromEntries(text ? readPairs(text, 'OTEL_RESOURCE_ATTRIBUTES', report) : []),
    ...(name && { 'service.name': name }),
  };
}
