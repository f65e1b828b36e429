// Reads a web configuration file. What exporter-toolkit does not know is a mistake; all are reported, each with its place.
import { dirname, resolve } from 'node:path';
import { fileProblem, type Report } from '../config/mistakes.ts';
import { isSection, validate, type Path, type Source } from '../config/validation.ts';
import { readYaml } from '../config/yaml-file.ts';
import { knownKeys, webConfigSchema, type TlsValues } from './schema.ts';
import { readTls, type TlsConfig } from './tls.ts';

/** What a web configuration file comes to, as exporter-toolkit defines it: every value present and checked. */
export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: TlsConfig | undefined;
  /** Whether HTTP/2 is offered over TLS. */
  readonly http2: boolean;
  /** Headers for every answer, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bcrypt hash of each user's password; empty: no password is needed. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
}

export interface RateLimit {
  /** Seconds between two requests. */
  readonly interval: number;
  /** Requests that may come at once. */
  readonly burst: number;
}

/** All that is wrong with a file and with those it names; no `config` then. `readFile` is rejected as node:fs does. */
export async function readWebConfig(
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<{ readonly config?: WebConfig; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const report: Report = (problem) => void problems.push(problem);
  const yaml = await readYaml(readFile(path), path, report, { textOnly: true, knownKeys });
  if (!yaml) return { problems };
  const source: Source = { label: yaml.label, hint: misplacedHeader };
  const given = present(yaml.value);
  const config = validate(webConfigSchema, given, source, report);
  const sections = isSection(given) ? given : {};
  const users = readUsers(sections['basic_auth_users'] ?? {}, source, report);
  const values = config?.tls_server_config;
  const section = sections['tls_server_config'];
  const readText = (written: string, label: string) => {
    const file = resolve(dirname(path), written);
    return readFile(file).catch(
      (error: unknown) => void report(`${label}: ${fileProblem(error, file, written)}`),
    );
  };
  const tls = isSection(section) ? await readTls(section, values, source, readText, report) : undefined;
  if (tls && config?.http_server_config.http2) requireSuiteOfHttp2(config.tls_server_config, source, report);
  if (!config || problems.length > 0) return { problems };
  const { http2, headers: written } = config.http_server_config;
  const headers = Object.entries(written).map(([name, value]) => [name.toLowerCase(), value]);
  // An interval of 0 is no limit.
  const rateLimit = config.rate_limit.interval > 0 ? config.rate_limit : undefined;
  return { config: { tls, http2, headers: Object.fromEntries(headers), users, rateLimit }, problems };
}

/** Empty keys count as not set, except for users. */
function present(value: unknown): unknown {
  if (!isSection(value)) return value;
  const entries = Object.entries(value).filter(([, below]) => below !== null && below !== '');
  return Object.fromEntries(
    entries.map(([key, below]) => [key, key === 'basic_auth_users' ? below : present(below)]),
  );
}

/** As Go's bcrypt and bcryptjs both take them. */
const bcryptHash = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
const allowedHash =
  'allowed: a bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$ and a cost of 04 to 31, ' +
  "for example from htpasswd -nBC 10 '' | tr -d ':'";

/** Read without the schema: a user can have any name, also one that means something to JavaScript. */
function readUsers(section: unknown, source: Source, report: Report): Map<string, string> {
  const label = (...path: string[]) => source.label(['basic_auth_users', ...path]);
  if (!isSection(section)) {
    report(`${label()}: not a section; allowed: user names, each with the bcrypt hash of its password`);
    return new Map();
  }
  const users = new Map(Object.entries(section).map(([user, hash]) => [user, String(hash ?? '')]));
  for (const [user, hash] of users) {
    if (bcryptHash.test(hash)) continue;
    // A value that is too short is often the password itself. The words are from Go's bcrypt.
    const isShort = hash.length < 59;
    const problem = isShort
      ? 'hashedSecret too short to be a bcrypted password'
      : 'the value is not a bcrypt hash';
    report(`${label(user)}: ${problem}; ${allowedHash}`);
  }
  return users;
}

/** HTTP/2 over TLS 1.2 needs one of them, and clients may refuse it with any other (RFC 9113, section 9.2.2). */
const http2Suites = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'];

function requireSuiteOfHttp2(
  { cipher_suites: suites, min_version: minVersion }: TlsValues,
  source: Source,
  report: Report,
): void {
  if (suites.length === 0 || minVersion === 'TLS13' || suites.some((suite) => http2Suites.includes(suite)))
    return;
  report(
    `${source.label(['tls_server_config', 'cipher_suites'])}: TLSConfig.CipherSuites is missing an ` +
      `HTTP/2-required AES_128_GCM_SHA256 cipher; add one of ${http2Suites.join(', ')}, or set http2: false in http_server_config`,
  );
}

/** In the words of exporter-toolkit. */
function misplacedHeader(path: Path, key: string): string | undefined {
  if (path.join('.') !== 'http_server_config.headers') return undefined;
  const shown = /^[A-Za-z]{1,12}(?:-[A-Za-z]{1,12}){0,5}$/.test(key) ? ` "${key}"` : '';
  return `HTTP header${shown} can not be configured;`;
}
