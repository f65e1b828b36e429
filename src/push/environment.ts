// What OpenTelemetry's variables say about pushes. They are often set for a whole cluster, so a value that this program
// does not know is warned of and ignored, as the specification wants, and never an error.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
import type { Logger } from '../lib/logger.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface PushSettings {
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc';
  /** Where pushes go; can hold a password. */
  readonly url: string;
  /** The same without user and query: fit to be shown. */
  readonly receiver: string;
  readonly endpointVariable: (typeof endpointVariables)[number];
  /** Milliseconds from the start of one push to the start of the next. */
  readonly interval: number;
  /** Milliseconds that a push may take; never more than the interval. */
  readonly timeout: number;
  /** Milliseconds that one request may take; never more than the push. */
  readonly requestTimeout: number;
  /** The values of the headers, and tokens in them: shown nowhere. */
  readonly secrets: readonly string[];
}

const endpointVariables = ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;
const headerVariables = ['OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'];

const protocol = [/^(http\/(protobuf|json)|grpc)$/i, 'http/protobuf, http/json, grpc'] as const;
const compression = [/^(none|gzip)$/, 'none, gzip'] as const;
const milliseconds = [/^[1-9]\d{2,7}$/, 'whole milliseconds from 100 to 99999999'] as const;
const pairs = 'name=value, separated by commas, values percent-encoded';
const headers = [/^(?!.*%(?![\da-f]{2}))([^=,]+=[^,]+(,|$))+$/i, pairs] as const;

/** What is understood of the variables that are read here, or by the packages without a word about the rest. */
const known: Readonly<Record<string, readonly [pattern: RegExp, allowed: string]>> = {
  OTEL_SDK_DISABLED: [/^(true|false)$/i, 'true, false'],
  OTEL_METRICS_EXPORTER: [
    /^((otlp|prometheus|console|none|logging)\s*(,\s*|$))+$/i,
    'otlp, prometheus, console, none, logging',
  ],
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: compression,
  OTEL_EXPORTER_OTLP_COMPRESSION: compression,
  OTEL_METRIC_EXPORT_INTERVAL: milliseconds,
  OTEL_METRIC_EXPORT_TIMEOUT: milliseconds,
  OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: milliseconds,
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds,
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: headers,
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_RESOURCE_ATTRIBUTES: [/^(?!.*%(?![\da-f]{2}))([^=,]+=[^=,]*(,|$))+$/i, pairs],
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: [
    /^cumulative$/i,
    'cumulative; for a receiver that needs deltas, convert in the OpenTelemetry Collector (cumulativetodelta)',
  ],
};

const unsupported = 'An environment variable has a value that is not supported, and is ignored';
const switchedOff = 'Nothing is pushed because of an environment variable';

/** Undefined when nothing is to be pushed; where a variable switches off what another wants, that is logged. */
export function readPushSettings(environment: Environment, log: Logger): PushSettings | undefined {
  const text = (name: string) => environment[name]?.trim() || undefined;
  const namesOtlp = /(^|,)\s*otlp\s*(,|$)/i.test(text('OTEL_METRICS_EXPORTER') ?? '');
  const named = endpointVariables.find(text);
  if (!named && !namesOtlp) return undefined;
  const values: Record<string, string> = {};
  for (const [variable, [pattern, allowed]] of Object.entries(known)) {
    const value = text(variable);
    if (value === undefined) continue;
    if (pattern.test(value)) values[variable] = value.toLowerCase();
    else log.warn(unsupported, { variable, allowed });
  }
  const value = (name: string, otherwise: string) =>
    values[`OTEL_EXPORTER_OTLP_METRICS_${name}`] ?? values[`OTEL_EXPORTER_OTLP_${name}`] ?? otherwise;
  const protocol = value('PROTOCOL', 'http/protobuf') as PushSettings['protocol'];
  const endpointVariable = named ?? 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const target = targetOf(text(endpointVariable), endpointVariable, protocol);
  const namesOthers = values['OTEL_METRICS_EXPORTER'] !== undefined && !namesOtlp;
  const variable =
    (values['OTEL_SDK_DISABLED'] === 'true' && 'OTEL_SDK_DISABLED') ||
    (namesOthers && 'OTEL_METRICS_EXPORTER') ||
    (!target && endpointVariable);
  if (!target || variable) {
    const remedy = target ? undefined : `write http://HOST:PORT or https://HOST:PORT, for ${protocol}`;
    log[target ? 'warn' : 'error'](switchedOff, { variable, remedy });
    return undefined;
  }
  const interval = Number(values['OTEL_METRIC_EXPORT_INTERVAL'] ?? 60_000);
  const timeout = Math.min(interval, Number(values['OTEL_METRIC_EXPORT_TIMEOUT'] ?? 30_000));
  const requestTimeout = Math.min(timeout, Number(value('TIMEOUT', '10000')));
  const secrets = headerVariables.flatMap((name) => secretsIn(text(name)));
  return { protocol, ...target, endpointVariable, interval, timeout, requestTimeout, secrets };
}

function targetOf(
  endpoint: string | undefined,
  variable: PushSettings['endpointVariable'],
  protocol: PushSettings['protocol'],
): Pick<PushSettings, 'url' | 'receiver'> | undefined {
  const isGrpc = protocol === 'grpc';
  const text = endpoint ?? `http://localhost:${isGrpc ? 4317 : 4318}`;
  // Without a scheme OTEL_EXPORTER_OTLP_INSECURE decides about TLS.
  const address = isGrpc && !text.includes('://') ? `https://${text}` : text;
  if (!/^https?:\/\/./i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // A placeholder that nothing has replaced.
  if (/[$(){}<>]/.test(url.hostname)) return undefined;
  if (isGrpc) return { url: text, receiver: url.host };
  if (variable === 'OTEL_EXPORTER_OTLP_ENDPOINT')
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/metrics`;
  return { url: url.href, receiver: url.origin + url.pathname };
}

/** As they are written and as they are sent. What is shorter than four characters is none: messages would be full of it. */
function secretsIn(headers = ''): string[] {
  return headers
    .split(',')
    .map((pair) => pair.slice(pair.indexOf('=') + 1))
    .flatMap((value) => [
      value,
      value.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    ])
    .map((value) => value.replace(/[\s\p{Cc}]+/gu, ' ').trim())
    .flatMap((value) => [value, value.slice(value.lastIndexOf(' ') + 1)])
    .filter((secret) => secret.length >= 4);
}
