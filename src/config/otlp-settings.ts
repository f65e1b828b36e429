// What is pushed by OTLP and where, from the settings and the variables of OpenTelemetry. Those are not looked at
// while nothing is pushed: they may be meant for other programs.
import { dirname, resolve } from 'node:path';
import { readOtherVariables } from './environment.ts';
import type { Environment } from './environment.ts';
import { readText } from './files.ts';
import type { ReadFile } from './files.ts';
import { givenText } from './given.ts';
import type { Report } from './given.ts';
import { readNetwork } from './network-variables.ts';
import { headers as headersKind } from './otlp-kinds.ts';
import type { HeaderValues, OtlpEndpoint, OtlpProtocol } from './otlp-kinds.ts';
import { namesOtlp, readOtelVariable, resourceAttributes } from './otel-variables.ts';
import { choose } from './readings.ts';
import type { Readings } from './readings.ts';
import { keys, setting } from './settings-table.ts';
import type { Key } from './settings-table.ts';
import { readTlsFiles } from './tls-files.ts';
import type { NamedFile } from './tls-files.ts';
import type { OtlpSettings } from './settings.ts';

export interface OtlpSources {
  /** Flags and our own variables. */
  readonly own: readonly Readings[];
  readonly environment: Environment;
  readonly file: Readings;
  /** Empty when there is none. */
  readonly configFile: string;
  readonly readFile: ReadFile;
}

const otlpKeys = keys.filter((key) => key.startsWith('otlp.'));

export function otlpSettings(sources: OtlpSources, report: Report): OtlpSettings {
  const { own, environment, file } = sources;
  if (!isWanted(sources)) return {};
  const isNamed = namesOtlp(environment, report);
  if (readOtelVariable(environment, 'OTEL_SDK_DISABLED', report) === 'true') {
    return { switchedOffBy: 'OTEL_SDK_DISABLED' };
  }
  if (isNamed === false) return { switchedOffBy: 'OTEL_METRICS_EXPORTER' };

  const all = [...own, readOtherVariables(environment, otlpKeys, report), file];
  const endpoint = choose('otlp.endpoint', all);
  // A flag that is empty says that nothing is pushed, whatever the variables say.
  if (endpoint.value?.text === '' && endpoint.given && !endpoint.given.typed) return {};
  reportWhatIsImpossible(environment, report);
  const protocol = choose('otlp.protocol', all).value;
  const url = endpointUrl(endpoint, protocol, isInsecure(environment, report), report);
  return {
    push: {
      protocol,
      endpoint: url,
      interval: choose('otlp.interval', all).value,
      timeout: choose('otlp.timeout', all).value,
      pushTimeout: choose('otlp.push_timeout', all).value,
      compression: choose('otlp.compression', all).value,
      headers: headerReader(sources, all, report),
      tls: tlsReader(sources, all, report),
      network: readNetwork(environment, url, report, { isGrpc: protocol === 'grpc' }),
      resource: resourceAttributes(environment, report),
    },
  };
}

/** Whether anything says that metrics are to be pushed. */
function isWanted({ own, environment, file }: OtlpSources): boolean {
  const isSet = (readings: Readings) => {
    const reading = readings.get('otlp.endpoint');
    return reading !== undefined && (reading.value as OtlpEndpoint | undefined)?.text !== '';
  };
  const { variables = [] } = setting('otlp.endpoint');
  return (
    [...own, file].some(isSet) ||
    variables.some(({ name }) => environment[name]) ||
    namesOtlp(environment, () => undefined) === true
  );
}

function reportWhatIsImpossible(environment: Environment, report: Report): void {
  readOtelVariable(environment, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', report);
  readOtelVariable(environment, 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', report);
}

function isInsecure(environment: Environment, report: Report): boolean {
  const value =
    readOtelVariable(environment, 'OTEL_EXPORTER_OTLP_METRICS_INSECURE', report) ??
    readOtelVariable(environment, 'OTEL_EXPORTER_OTLP_INSECURE', report);
  return value === 'true';
}

/** The whole URL for HTTP, scheme, host and port for gRPC. */
function endpointUrl(
  { value, given }: ReturnType<typeof choose<'otlp.endpoint'>>,
  protocol: OtlpProtocol | undefined,
  insecure: boolean,
  report: Report,
): string {
  // A mistake in either has been reported.
  if (value === undefined || protocol === undefined) return '';
  const { text, isBase } = value.text === '' ? defaultEndpoint(protocol) : value;
  const label = given?.label ?? '';
  const hasScheme = text.includes('://');
  if (protocol === 'grpc') {
    const { origin, pathname, search } = new URL(
      hasScheme ? text : `${insecure ? 'http' : 'https'}://${text}`,
    );
    if (pathname !== '/' || search !== '') {
      report(`${label}: an endpoint for grpc has no path; write http://HOST:PORT or https://HOST:PORT`);
    }
    return origin;
  }
  if (!hasScheme) {
    report(`${label}: the endpoint for ${protocol} begins with http:// or https://`);
    return '';
  }
  const url = new URL(text);
  if (isBase) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/metrics`;
  return url.href;
}

/** Those of the specification. */
function defaultEndpoint(protocol: OtlpProtocol): OtlpEndpoint {
  return { text: `http://localhost:${protocol === 'grpc' ? '4317' : '4318'}`, isBase: true };
}

function headerReader(sources: OtlpSources, all: readonly Readings[], report: Report): () => HeaderValues {
  const fixed = choose('otlp.headers', all).value;
  const file = namedFile(sources, all, 'otlp.headers_file');
  const readAgain = (take: Report): HeaderValues => {
    const text = file && readText(file.path, file.label, sources.readFile, take);
    if (file === undefined || text === undefined) return fixed;
    return { ...fixed, ...headersKind.read(givenText(`${file.label} (content of the file)`, text), take) };
  };
  readAgain(report);
  return throwing(readAgain);
}

function tlsReader(
  sources: OtlpSources,
  all: readonly Readings[],
  report: Report,
): () => ReturnType<typeof readTlsFiles> {
  const files = {
    ca: namedFile(sources, all, 'otlp.ca_file'),
    cert: namedFile(sources, all, 'otlp.cert_file'),
    key: namedFile(sources, all, 'otlp.key_file'),
  };
  readTlsFiles(files, sources.readFile, report);
  return throwing((take) => readTlsFiles(files, sources.readFile, take));
}

/** What is read now; throws an Error with all problems instead of reporting them. */
function throwing<Value>(read: (report: Report) => Value): () => Value {
  return () => {
    const problems: string[] = [];
    const value = read((problem) => problems.push(problem));
    if (problems.length > 0) throw new Error(problems.join('; '));
    return value;
  };
}

/** A file that a setting names; in the configuration file relative to that. */
function namedFile(
  { configFile }: OtlpSources,
  all: readonly Readings[],
  key: Key & `otlp.${string}_file`,
): NamedFile | undefined {
  const { value, given } = choose(key, all);
  if (!value || !given) return undefined;
  return { path: given.typed ? resolve(dirname(configFile), value) : value, label: given.label };
}
