// From the text of a web configuration file to its values. Strict: what exporter-toolkit does not know is a mistake,
// and all mistakes are reported at once, each with its place.
import { dirname, resolve } from 'node:path';
import * as yaml from 'yaml';
import { readText, type ReadFile } from '../config/files.ts';
import { isSection } from '../config/given.ts';
import type { Entry, Given, Report } from '../config/given.ts';
import { readEntries } from '../config/sections.ts';
import { readYamlWith } from '../config/yaml-file.ts';
import { http2Suites } from './go-tls-names.ts';
import { readBoolean, readCount, readGoDuration, readString } from './go-values.ts';
import { headerNames, readResponseHeaders } from './response-headers.ts';
import { tlsKeys } from './tls-entries.ts';
import { readTlsSection, type TlsSection } from './tls-section.ts';
import type { RateLimit, WebConfig } from './web-config.ts';

const sections = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'];
const httpKeys = ['http2', 'headers'];
const rateLimitKeys = ['interval', 'burst'];
const knownKeys = [...sections, ...tlsKeys, ...httpKeys, ...rateLimitKeys, ...headerNames];

/** Undefined when there is a mistake. */
export function readWebConfig(path: string, readFile: ReadFile, report: Report): WebConfig | undefined {
  let mistakes = 0;
  const note: Report = (problem) => {
    mistakes += 1;
    report(problem);
  };
  const text = readText(path, path, readFile, note);
  const root = text === undefined ? undefined : readYamlWith(yaml, text, path, note, knownKeys);
  const entries = root && readEntries(root, { known: sections }, note);
  const given = (section: string) => entries?.get(section)?.value;

  const files = { readFile, resolvePath: (file: string) => resolve(dirname(path), file) };
  const tlsGiven = given('tls_server_config');
  const tls = tlsGiven && readTlsSection(tlsGiven, files, note);
  const { http2, headers } = readHttpSection(given('http_server_config'), note);
  if (tls && http2) requireSuiteOfHttp2(tls, note);
  const users = readUsers(given('basic_auth_users'), note);
  const rateLimit = readRateLimit(given('rate_limit'), note);
  if (mistakes > 0) return undefined;
  return { tls: tls?.config, http2, headers, users, rateLimit };
}

function readHttpSection(section: Given | undefined, report: Report): Pick<WebConfig, 'http2' | 'headers'> {
  const entries = section && readEntries(section, { known: httpKeys }, report);
  return {
    http2: readPresent(entries?.get('http2'), readBoolean, report) ?? true,
    headers: readResponseHeaders(entries?.get('headers')?.value, report),
  };
}

/** Clients may refuse HTTP/2 with any other suite of TLS 1.2 (RFC 9113, section 9.2.2). */
function requireSuiteOfHttp2({ minVersion, suites }: TlsSection, report: Report): void {
  if (!suites || minVersion === 'TLS13' || suites.names.some((name) => http2Suites.includes(name))) return;
  report(
    `${suites.label}: TLSConfig.CipherSuites is missing an HTTP/2-required AES_128_GCM_SHA256 cipher; ` +
      `add one of ${http2Suites.join(', ')}, or set http2: false in http_server_config`,
  );
}

/** As Go's bcrypt and bcryptjs both take them. */
const bcryptHash = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

function readUsers(section: Given | undefined, report: Report): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  if (!section || section.value === null) return users;
  if (!isSection(section.value)) {
    report(`${section.label}: not a section; allowed: user names, each with the bcrypt hash of its password`);
    return users;
  }
  for (const { key, value } of section.value.entries) {
    const hash = readString(value, report);
    if (hash === undefined) continue;
    if (!bcryptHash.test(hash)) report(`${value.label}: ${hashProblem(hash)}; ${allowedHash}`);
    users.set(key, hash);
  }
  return users;
}

const allowedHash =
  'allowed: a bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$ and a cost of 04 to 31, ' +
  "for example from htpasswd -nBC 10 '' | tr -d ':'";

/** What is too short is often the password itself. The words are those of Go's bcrypt. */
function hashProblem(hash: string): string {
  return hash.length < 59
    ? 'hashedSecret too short to be a bcrypted password'
    : 'the value is not a bcrypt hash';
}

/** An interval of 0 is no limit. */
function readRateLimit(section: Given | undefined, report: Report): RateLimit | undefined {
  const entries = section && readEntries(section, { known: rateLimitKeys }, report);
  const interval = readPresent(entries?.get('interval'), readGoDuration, report) ?? 0;
  const burst = readPresent(entries?.get('burst'), readCount, report) ?? 0;
  return interval > 0 ? { interval, burst } : undefined;
}

function readPresent<Value>(
  entry: Entry | undefined,
  read: (given: Given, report: Report) => Value | undefined,
  report: Report,
): Value | undefined {
  return entry && entry.value.value !== null ? read(entry.value, report) : undefined;
}
