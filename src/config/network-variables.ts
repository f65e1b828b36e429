// How an API or a receiver of pushes is reached, from the variables that all programs share: HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and so on.
// A value may hold a password and is never repeated in an error.
import type { Environment } from './environment.ts';
import type { Report } from './given.ts';
import { isExempt } from './no-proxy.ts';
import type { AuthoritySource, NetworkSettings, ProxySettings } from './settings.ts';

/**
 * As curl and Go have it: a proxy for http is not one for https. Where both spellings are set, that in small letters
 * wins; one that is set to nothing counts as not set.
 */
const proxyVariables: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
};
const exemptionVariables = ['no_proxy', 'NO_PROXY'];
/** Those that gRPC has beside them, and looks at first. */
const grpcVariables = { proxies: ['grpc_proxy'], exemptions: ['no_grpc_proxy'] };
const noVariables = { proxies: [], exemptions: [] };

const grpcMend = 'use http://HOST:PORT, another otlp.protocol, or name the receiver in NO_PROXY';
const allowedProxies = 'allowed: http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ before the host';

/** The way to the host of this URL. A URL that is wrong itself has been reported elsewhere. */
export function readNetwork(
  environment: Environment,
  address: string,
  report: Report,
  { isGrpc = false } = {},
): NetworkSettings {
  const first = isGrpc ? grpcVariables : noVariables;
  const authorities = readAuthorities(environment);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const variable = firstSet(environment, [...first.proxies, ...(proxyVariables[url?.protocol ?? ''] ?? [])]);
  if (!url || variable === undefined) return { proxy: undefined, exemptBy: undefined, authorities };

  const exemption = firstSet(environment, [...first.exemptions, ...exemptionVariables]);
  if (exemption !== undefined && isExempt(url, environment[exemption] ?? ''))
    return { proxy: undefined, exemptBy: exemption, authorities };
  const proxy = readProxy(variable, environment[variable] ?? '', report);
  if (isGrpc && proxy?.address.startsWith('https:')) {
    report(`${variable}: pushes over grpc cannot go through a proxy that is spoken to by TLS; ${grpcMend}`);
  }
  return { proxy, exemptBy: undefined, authorities };
}

function firstSet(environment: Environment, variables: readonly string[]): string | undefined {
  return variables.find((variable) => environment[variable]?.trim());
}

function readProxy(variable: string, text: string, report: Report): ProxySettings | undefined {
  const complain = (what: string) => void report(`${variable}: ${what}; ${allowedProxies}`);
  const trimmed = text.trim();
  // Most programs take HOST:PORT too.
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (/[\s\p{Cc}]/u.test(address) || !URL.canParse(address)) return complain('the value is not a URL');
  const { protocol, hostname, port, username, password } = new URL(address);
  if (protocol !== 'http:' && protocol !== 'https:') {
    return complain(`${/^socks/.test(protocol) ? 'SOCKS' : 'such'} proxies are not supported`);
  }
  let credentials: string | undefined;
  try {
    if (username || password) credentials = decodeURIComponent(`${username}:${password}`);
  } catch {
    return complain('the user or password has a % without two hexadecimal digits; write %25 for it');
  }
  return {
    variable,
    address: `${protocol}//${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`,
    credentials,
  };
}

/** Node reads NODE_EXTRA_CA_CERTS itself; the others are what OpenSSL and Go programs read. */
function readAuthorities(environment: Environment): AuthoritySource[] {
  const source = (variable: string, path: string, isFolder: boolean) => ({ variable, path, isFolder });
  const file = (variable: string) =>
    environment[variable] ? [source(variable, environment[variable], false)] : [];
  const folders = (environment['SSL_CERT_DIR'] ?? '').split(':').filter((path) => path !== '');
  return [
    ...file('NODE_EXTRA_CA_CERTS'),
    ...file('SSL_CERT_FILE'),
    ...folders.map((path) => source('SSL_CERT_DIR', path, true)),
  ];
}
