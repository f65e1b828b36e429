// What OpenTelemetry's variables say about pushes. They are often set for a whole cluster, so a value that this program
// does not know is warned of and ignored, as the specification wants, and never an error. Headers, certificates and
// compression are read by the packages that push.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
import type { Logger } from '../lib/logger.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof protocols)[number];

const endpointVariables = ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;
const headerVariables = ['OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'];

export interface PushSettings {
  readonly protocol: Protocol;
  /** Where pushes go; can hold a password. */
  readonly url: string;
  /** The same without user and query: fit to be shown. */
  readonly receiver: string;
  /** The variable that names the receiver; undefined: the default of the specification. */
  readonly endpointVariable: (typeof endpointVariables)[number] | undefined;
  /** Milliseconds from the start of one push to the start of the next. */
  readonly interval: number;
  /** Milliseconds that a push may take, with all its requests; never more than the interval. */
  readonly timeout: number;
  /** Milliseconds that one request may take; never more than the push. */
  readonly requestTimeout: number;
  /** The values of the headers, and tokens in them: shown nowhere. */
  readonly secrets: readonly string[];
}

/** Undefined when nothing is to be pushed; where a variable switches off what another wants, that is logged. */
export function readPushSettings(environment: Environment, log: Logger): PushSettings | undefined {
  const variables = new Variables(environment, log);
  const endpointVariable = endpointVariables.find((name) => variables.text(name) !== undefined);
  const exporters = variables.words('OTEL_METRICS_EXPORTER', [
    'otlp',
    'prometheus',
    'console',
    'none',
    'logging',
  ]);
  const isNamed = exporters.includes('otlp');
  if (!isNamed && endpointVariable === undefined) return undefined;
  const isDisabled = variables.word(['OTEL_SDK_DISABLED'], ['true', 'false']) === 'true';
  if (isDisabled || (exporters.length > 0 && !isNamed)) {
    const variable = isDisabled ? 'OTEL_SDK_DISABLED' : 'OTEL_METRICS_EXPORTER';
    log.warn('Nothing is pushed: an environment variable says so', { variable });
    return undefined;
  }
  const protocolVariables = ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const protocol = variables.word(protocolVariables, protocols) ?? 'http/protobuf';
  const endpoint = endpointVariable && variables.text(endpointVariable);
  const target = protocol === 'grpc' ? grpcTarget(endpoint) : httpTarget(endpoint, endpointVariable);
  if (!target) {
    log.error('Nothing is pushed: the endpoint cannot be used', {
      variable: endpointVariable,
      remedy: `write http://HOST:PORT or https://HOST:PORT; the protocol (OTEL_EXPORTER_OTLP_PROTOCOL) is ${protocol}`,
    });
    return undefined;
  }
  variables.warnOfTheRest();
  const interval = variables.milliseconds(['OTEL_METRIC_EXPORT_INTERVAL'], 60_000);
  const timeout = Math.min(variables.milliseconds(['OTEL_METRIC_EXPORT_TIMEOUT'], 30_000), interval);
  const requestVariables = ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'];
  const requestTimeout = Math.min(variables.milliseconds(requestVariables, 10_000), timeout);
  const secrets = secretsOf(variables);
  return { protocol, ...target, endpointVariable, interval, timeout, requestTimeout, secrets };
}

class Variables {
  readonly #environment: Environment;
  readonly #log: Logger;

  constructor(environment: Environment, log: Logger) {
    this.#environment = environment;
    this.#log = log;
  }

  /** A variable that is blank counts as one that is not set. */
  text(name: string): string | undefined {
    return this.#environment[name]?.trim() || undefined;
  }

  words<Word extends string>(name: string, allowed: readonly Word[]): Word[] {
    const texts = this.text(name)?.toLowerCase().split(',') ?? [];
    const words = texts.map((text) => allowed.find((word) => word === text.trim()));
    if (words.includes(undefined)) this.#warn(name, allowed.join(', '));
    return words.filter((word) => word !== undefined);
  }

  /** Of the first variable that is set to one of these. */
  word<Word extends string>(names: readonly string[], allowed: readonly Word[]): Word | undefined {
    return names.map((name) => this.words(name, allowed)[0]).find((word) => word !== undefined);
  }

  milliseconds(names: readonly string[], otherwise: number): number {
    const values = names.map((name) => {
      const text = this.text(name);
      if (text === undefined) return undefined;
      const value = Number(text);
      if (Number.isInteger(value) && value >= 100 && value <= 86_400_000) return value;
      return this.#warn(name, 'whole milliseconds from 100 to 86400000');
    });
    return values.find((value) => value !== undefined) ?? otherwise;
  }

  /** Pairs of a name and a value; warns of those that the packages leave out, or leave all out for. */
  pairs(name: string, shape: RegExp): string[] {
    const pairs = (this.text(name)?.split(',') ?? []).filter((pair) => pair.trim() !== '');
    if (!pairs.every((pair) => shape.test(pair) && decoded(pair) !== undefined))
      this.#warn(name, 'name=value, separated by commas, values percent-encoded');
    return pairs;
  }

  /** What other programs can do and this one cannot, and what the packages would ignore in silence. */
  warnOfTheRest(): void {
    this.pairs('OTEL_RESOURCE_ATTRIBUTES', /^[^=]+=[^=]*$/);
    const temporality = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
    const preference = this.text(temporality)?.toLowerCase() ?? 'cumulative';
    if (preference !== 'cumulative')
      this.#log.warn('Counters are pushed as cumulative sums, whatever the environment prefers', {
        variable: temporality,
        remedy: 'for a receiver that wants deltas, convert in the OpenTelemetry Collector: cumulativetodelta',
      });
    const aggregation = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
    this.words(aggregation, ['explicit_bucket_histogram']);
  }

  /** Without the value, which may have been meant for another variable. */
  #warn(variable: string, allowed: string): undefined {
    this.#log.warn('A variable of OpenTelemetry has a value that is not known here: it is ignored', {
      variable,
      allowed,
    });
  }
}

type Target = Pick<PushSettings, 'url' | 'receiver'>;

function httpTarget(
  endpoint: string | undefined,
  variable: PushSettings['endpointVariable'],
): Target | undefined {
  const url = httpUrl(endpoint ?? 'http://localhost:4318');
  if (!url) return undefined;
  if (variable !== 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/metrics`;
  return { url: url.href, receiver: url.origin + url.pathname };
}

/** Without a scheme whether TLS is spoken is up to OTEL_EXPORTER_OTLP_INSECURE. */
function grpcTarget(endpoint = 'http://localhost:4317'): Target | undefined {
  const hasScheme = endpoint.includes('://');
  const url = httpUrl(hasScheme ? endpoint : `https://${endpoint}`);
  return url && { url: endpoint, receiver: hasScheme ? `${url.protocol}//${url.host}` : url.host };
}

function httpUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

/** A shorter value is no secret, and each message would lose half of its words with it. */
const shortestSecret = 4;

function secretsOf(variables: Variables): string[] {
  return (
    headerVariables
      .flatMap((name) => variables.pairs(name, /^[^=]+=/))
      .map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
      // A value with a line break, say, cannot be sent, and is quoted without it.
      .flatMap((value) => [value, (decoded(value) ?? value).replace(/[\s\p{Cc}]+/gu, ' ').trim()])
      .flatMap((value) => [value, value.slice(value.lastIndexOf(' ') + 1)])
      .filter((secret) => secret.length >= shortestSecret)
  );
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
