// From the text of a web configuration file to its values. Strict: what exporter-toolkit does not know is a mistake,
// and all mistakes are reported at once, each with its place.
import { fileProblem, type Report } from '../config/mistakes.ts';
import { validate, type Path, type Source } from '../config/validation.ts';
import { readYaml } from '../config/yaml-file.ts';
import { isSection } from '../config/projects.ts';
import { knownKeys, webConfigSchema, type TlsValues } from './schema.ts';
import { readTls } from './tls.ts';
import type { WebConfig } from './web-config.ts';

/** Returns a file's text or throws as node:fs does. */
export type ReadFile = (path: string) => string;

/** Undefined when there is a mistake. */
export function readWebConfig(path: string, readFile: ReadFile, report: Report): WebConfig | undefined {
  let mistakes = 0;
  const note: Report = (problem) => {
    mistakes += 1;
    report(problem);
  };
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return void note(`${path}: ${fileProblem(error)}`);
  }
  const yaml = readYaml(text, path, note, { textOnly: true, knownKeys, hint: misplacedHeader });
  if (!yaml) return undefined;
  const given = present(yaml.value ?? {});
  const config = validate(webConfigSchema, given, yaml.source, note);
  const users = readUsers(given, yaml.source, note);
  const tls = readTls(
    given,
    { values: config?.tls_server_config, source: yaml.source, path, readFile },
    note,
  );
  const { http2 = true, headers = {} } = config?.http_server_config ?? {};
  if (tls && http2) requireSuiteOfHttp2(config?.tls_server_config ?? {}, yaml.source, note);
  if (!config || mistakes > 0) return undefined;
  const { interval = 0, burst = 0 } = config.rate_limit ?? {};
  return {
    tls,
    http2,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value ? [[name.toLowerCase(), value]] : [])),
    ),
    users,
    // An interval of 0 is no limit.
    rateLimit: interval > 0 ? { interval, burst } : undefined,
  };
}

/** Keys with nothing behind them are as good as none, in TLS also those with an empty text. */
function present(value: unknown): unknown {
  if (!isSection(value)) return value;
  const entries = Object.entries(value).flatMap(([key, below]) => {
    if (below === null) return [];
    if (!isSection(below) || key === 'basic_auth_users') return [[key, below]];
    const isEmpty = (text: unknown) => text === null || (text === '' && key === 'tls_server_config');
    const inside = Object.entries(below).filter(([, text]) => !isEmpty(text));
    return [[key, present(Object.fromEntries(inside))]];
  });
  return Object.fromEntries(entries);
}

/** As Go's bcrypt and bcryptjs both take them. */
const bcryptHash = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
const allowedHash =
  'allowed: a bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$ and a cost of 04 to 31, ' +
  "for example from htpasswd -nBC 10 '' | tr -d ':'";

/** Read without the schema: a user can have any name, also one that means something to JavaScript. */
function readUsers(given: unknown, source: Source, report: Report): Map<string, string> {
  const section = isSection(given) ? (given['basic_auth_users'] ?? {}) : {};
  const label = (...path: string[]) => source.label(['basic_auth_users', ...path], 'value');
  const users = new Map<string, string>();
  if (!isSection(section)) {
    report(`${label()}: not a section; allowed: user names, each with the bcrypt hash of its password`);
    return users;
  }
  for (const [user, hash] of Object.entries(section)) {
    const text = typeof hash === 'string' ? hash : '';
    users.set(user, text);
    // What is too short is often the password itself. The words are those of Go's bcrypt.
    const problem =
      text.length < 59
        ? 'hashedSecret too short to be a bcrypted password'
        : 'the value is not a bcrypt hash';
    if (!bcryptHash.test(text)) report(`${label(user)}: ${problem}; ${allowedHash}`);
  }
  return users;
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
