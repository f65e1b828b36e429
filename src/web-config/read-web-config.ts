// From the text of a web configuration file to its values. Strict: what exporter-toolkit does not know is a mistake,
// and all mistakes are reported at once, each with its place.
import { dirname, resolve } from 'node:path';
import { fileProblem, type Report } from '../config/mistakes.ts';
import { validate, type Path, type Source } from '../config/validation.ts';
import { readYaml } from '../config/yaml-file.ts';
import { isSection } from '../config/projects.ts';
import { knownKeys, webConfigSchema, type TlsValues } from './schema.ts';
import { readTls } from './tls.ts';
import type { WebConfig } from './web-config.ts';

/** Undefined when there is a mistake. `readFile` throws as node:fs does. */
export function readWebConfig(
  path: string,
  readFile: (path: string) => string,
  report: Report,
): WebConfig | undefined {
  let mistakes = 0;
  const note: Report = (problem) => {
    mistakes += 1;
    report(problem);
  };
  const readText = (file: string, label: string, written?: string) => {
    try {
      return readFile(file);
    } catch (error) {
      return void note(`${label}: ${fileProblem(error, written && file, written)}`);
    }
  };
  const text = readText(path, path);
  const yaml =
    text === undefined
      ? undefined
      : readYaml(text, path, note, { textOnly: true, knownKeys, hint: misplacedHeader });
  if (!yaml) return undefined;
  const { label } = yaml.source;
  const given = present(yaml.value ?? {});
  const config = validate(webConfigSchema, given, yaml.source, note);
  const sections = isSection(given) ? given : {};
  const users = readUsers(sections['basic_auth_users'] ?? {}, yaml.source, note);
  const { tls_server_config: values, http_server_config: http, rate_limit: rateLimit } = config ?? {};
  const tlsSource = {
    values: config && (values ?? {}),
    label: (...keys: string[]) => label(['tls_server_config', ...keys], 'value'),
    readFile: (file: string, place: string) => readText(resolve(dirname(path), file), place, file),
  };
  const section = sections['tls_server_config'];
  const tls = isSection(section) ? readTls(section, tlsSource, note) : undefined;
  if (tls && values && http?.http2 !== false) requireSuiteOfHttp2(values, yaml.source, note);
  if (!config || mistakes > 0) return undefined;
  const headers = Object.entries(http?.headers ?? {}) as [string, string][];
  const { interval = 0, burst = 0 } = rateLimit ?? {};
  return {
    tls,
    http2: http?.http2 ?? true,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    users,
    // An interval of 0 is no limit.
    rateLimit: interval > 0 ? { interval, burst } : undefined,
  };
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
  const label = (...path: string[]) => source.label(['basic_auth_users', ...path], 'value');
  if (!isSection(section)) {
    report(`${label()}: not a section; allowed: user names, each with the bcrypt hash of its password`);
    return new Map();
  }
  const users = Object.entries(section).map(([user, hash]) => [user, String(hash ?? '')] as const);
  for (const [user, hash] of users.filter(([, text]) => !bcryptHash.test(text))) {
    // A value that is too short is often the password itself. The words are from Go's bcrypt.
    const isShort = hash.length < 59;
    const problem = isShort
      ? 'hashedSecret too short to be a bcrypted password'
      : 'the value is not a bcrypt hash';
    report(`${label(user)}: ${problem}; ${allowedHash}`);
  }
  return new Map(users);
}

/** HTTP/2 over TLS 1.2 needs one of them, and clients may refuse it with any other (RFC 9113, section 9.2.2). */
const http2Suites = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'];

function requireSuiteOfHttp2(
  { cipher_suites: suites = [], min_version: minVersion }: TlsValues,
  source: Source,
  report: Report,
): void {
  if (suites.length === 0 || minVersion === 'TLS13' || suites.some((suite) => http2Suites.includes(suite)))
    return;
  report(
    `${source.label(['tls_server_config', 'cipher_suites'], 'value')}: TLSConfig.CipherSuites is missing an ` +
      `HTTP/2-required AES_128_GCM_SHA256 cipher; add one of ${http2Suites.join(', ')}, or set http2: false in http_server_config`,
  );
}

/** In the words of exporter-toolkit. */
function misplacedHeader(path: Path, key: string): string | undefined {
  if (path.join('.') !== 'http_server_config.headers') return undefined;
  const shown = /^[A-Za-z]{1,12}(?:-[A-Za-z]{1,12}){0,5}$/.test(key) ? ` "${key}"` : '';
  return `HTTP header${shown} can not be configured;`;
}
