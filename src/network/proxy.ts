// Which proxy the environment names for a URL, by the variables that curl and Go read, too. A value may hold a password
// and is never repeated in an error.

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  /** The environment variable that names it. */
  readonly variable: string;
  /** `http://host:port` or `https://host:port`: fit to be shown. */
  readonly address: string;
  /** `user:password`, a secret; undefined when there is no user. */
  readonly credentials: string | undefined;
}

/**
 * As curl and Go have it: a proxy for http is not one for https. Where both spellings are set, the one in small letters
 * wins; a variable that is set to nothing counts as not set.
 */
const variables: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
};

const allowed = 'allowed: http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ before the host';

/** The proxy for the URL, unless NO_PROXY names its host; undefined without one, or with one that cannot be used. */
export function proxyFor(environment: Environment, url: URL): Proxy | undefined {
  const variable = proxyVariable(environment, url);
  const proxy = variable && parseProxy(variable, environment[variable] ?? '');
  return typeof proxy === 'object' ? proxy : undefined;
}

/** Reports a proxy for this address that cannot be used. An address that is wrong itself is not looked at. */
export function checkProxy(
  environment: Environment,
  address: string,
  report: (problem: string) => void,
): void {
  const variable = URL.canParse(address) ? proxyVariable(environment, new URL(address)) : undefined;
  if (variable === undefined || noProxy(environment).trim() === '*') return;
  const proxy = parseProxy(variable, environment[variable] ?? '');
  if (typeof proxy === 'string') report(`${variable}: ${proxy}; ${allowed}`);
}

/** The hosts that are asked without a proxy, separated by commas or blanks. */
export function noProxy(environment: Environment): string {
  return environment['no_proxy'] || environment['NO_PROXY'] || '';
}

/** What must never be shown of a proxy. */
export function proxySecrets({ credentials }: Partial<Proxy> = {}): string[] {
  if (credentials === undefined) return [];
  const password = credentials.slice(credentials.indexOf(':') + 1);
  return [Buffer.from(credentials).toString('base64'), credentials, password].filter((text) => text !== '');
}

function proxyVariable(environment: Environment, { protocol }: URL): string | undefined {
  return variables[protocol]?.find((variable) => environment[variable]?.trim());
}

/** The proxy, or what is wrong with the value. */
function parseProxy(variable: string, text: string): Proxy | string {
  const trimmed = text.trim();
  // Most programs take HOST:PORT, too.
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (/[\s\p{Cc}]/u.test(address) || !URL.canParse(address)) return 'the value is not a URL';
  const { protocol, hostname, port, username, password } = new URL(address);
  if (protocol !== 'http:' && protocol !== 'https:')
    return `${/^socks/.test(protocol) ? 'SOCKS proxies' : 'proxies of this kind'} are not supported`;
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])$/i.test(hostname))
    return 'the value holds quotes, or a placeholder that nothing has replaced';
  let credentials: string | undefined;
  try {
    if (username || password) credentials = decodeURIComponent(`${username}:${password}`);
  } catch {
    return 'the user or password has a % without two hexadecimal digits; write %25 for it';
  }
  const defaultPort = protocol === 'https:' ? '443' : '80';
  return { variable, address: `${protocol}//${hostname}:${port || defaultPort}`, credentials };
}
