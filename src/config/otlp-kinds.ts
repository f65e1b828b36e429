// The kinds of values that only the push by OTLP has. Values of headers are secrets: no error repeats one.
import { isSection } from './given.ts';
import type { Entry, Given, Report } from './given.ts';
import { scalar, shortText } from './kinds.ts';
import type { Kind, Parsed } from './kinds.ts';
import { pairsAllowed, readPairs } from './pairs.ts';

/** Where to push, as it was written: what becomes of it depends on the protocol. */
export interface OtlpEndpoint {
  /** A URL, or HOST:PORT. Empty: nothing is pushed. */
  readonly text: string;
  /** Whether /v1/metrics is added for HTTP. */
  readonly isBase: boolean;
}

const hostAndPort = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

function endpoint(isBase: boolean, withoutScheme: boolean): Kind<OtlpEndpoint> {
  return scalar({
    noun: 'text',
    allowed: `an http or https URL, for example http://localhost:4318${withoutScheme ? ', or HOST:PORT for gRPC' : ''}`,
    types: ['string'],
    // Without @, ? and #, behind which passwords and tokens stand.
    harmless: /^(?=.*[.:])(?!.*[A-Za-z0-9]{12})[\w.:/-]{1,24}$/,
    parse(text) {
      if (text === '' || (withoutScheme && hostAndPort.test(text))) return { value: { text, isBase } };
      const problem = problemOfUrl(text);
      return problem === undefined ? { value: { text, isBase } } : { problem };
    },
  });
}

function problemOfUrl(text: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return 'is not a URL';
  const { protocol, username, password, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return 'is not an http(s) URL';
  if (username !== '' || password !== '') {
    return 'holds a user name or password, which belong into otlp.headers as authorization';
  }
  return hash === '' ? undefined : 'holds a fragment';
}

export const otlpEndpoint = endpoint(true, false);
/** OTEL_EXPORTER_OTLP_ENDPOINT. */
export const otelEndpoint = endpoint(true, true);
/** OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: taken as it is. */
export const otelMetricsEndpoint = endpoint(false, true);

const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;
export type OtlpProtocol = (typeof protocols)[number];

export const otlpProtocol: Kind<OtlpProtocol> = scalar({
  noun: 'text',
  allowed: protocols.join(', '),
  types: ['string'],
  harmless: shortText(/^[a-z]+(\/[a-z]+)?$/i),
  parse(text): Parsed<OtlpProtocol> {
    const value = protocols.find((protocol) => protocol === text.trim());
    return value ? { value } : { problem: 'is not one of them' };
  },
});

/** A span of time in whole milliseconds, as OpenTelemetry's variables have it; the value is in seconds. */
export function milliseconds(from: number, to: number): Kind<number> {
  return scalar({
    noun: 'a whole number',
    allowed: `${from} to ${to} (milliseconds)`,
    types: ['number'],
    harmless: /^[-+]?\d[\w.]{0,11}$/,
    parse(text) {
      if (!/^[-+]?\d+$/.test(text)) return { problem: 'is not a whole number' };
      const value = Number(text);
      return value >= from && value <= to ? { value: value / 1000 } : { problem: 'is out of range' };
    },
  });
}

/** Names in lower case. */
export type HeaderValues = Readonly<Record<string, string>>;

/** A name that HTTP and gRPC both take. Names that end in -bin hold bytes in gRPC. */
const headerName = /^[0-9a-z_.-]+(?<!-bin)$/;
/** What a request needs and the exporter sets. */
const ownHeaders =
  /^(content-(type|encoding|length)|transfer-encoding|connection|keep-alive|te|upgrade|expect)$/;
const printable = /^[ -~]+$/;

export const headers: Kind<HeaderValues> = {
  allowed: `${pairsAllowed}; in the file also a section of names and values`,
  flag: 'none',
  read({ label, value }, report) {
    if (isSection(value))
      return headersOf(
        value.entries.flatMap((entry) => inSection(entry, report)),
        report,
      );
    if (typeof value !== 'string') return void report(`${label}: not a section of names and values`);
    return headersOf(
      readPairs(value, label, report).map(([name, text], index) => ({
        label: `${label}: entry ${index + 1}`,
        name,
        text,
      })),
      report,
    );
  },
};

interface WrittenHeader {
  readonly label: string;
  readonly name: string;
  readonly text: string;
}

function inSection({ key, value }: Entry, report: Report): WrittenHeader[] {
  const { label, value: text }: Given = value;
  if (typeof text === 'string') return [{ label, name: key, text }];
  report(`${label}: the value is not text; put it in quotes`);
  return [];
}

function headersOf(written: readonly WrittenHeader[], report: Report): HeaderValues {
  const valid = written.filter(({ label, name, text }) => {
    const problem = problemOfHeader(name.toLowerCase(), text);
    if (problem !== undefined) report(`${label}: ${problem}`);
    return problem === undefined;
  });
  return Object.fromEntries(valid.map(({ name, text }) => [name.toLowerCase(), text.trim()]));
}

function problemOfHeader(name: string, text: string): string | undefined {
  if (!headerName.test(name)) return 'the name is not that of a header; allowed: letters, digits and _.-';
  if (ownHeaders.test(name)) return `the exporter sets the header ${name} itself; take it out`;
  return printable.test(text)
    ? undefined
    : 'the value is empty or holds other than printable ASCII characters';
}
