// Checks every request when there is a web configuration file: client certificates, rate limit, passwords; adds the
// configured headers. Works the same for HTTP/1.1 and HTTP/2. Headers that proxies add are not trusted.
import type { RequestListener, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../lib/logger.ts';
import type { RateLimit, WebConfig } from '../web-config/read-web-config.ts';
import type { TlsConfig } from '../web-config/tls.ts';
import type { BasicAuth } from './basic-auth.ts';
import { everyAnswer } from './metrics.ts';

export interface GuardOptions {
  /** The configuration in force: asked for each request, the same object until it changes. */
  readonly config: () => WebConfig;
  readonly auth: BasicAuth;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  readonly log: Pick<Logger, 'debug' | 'error'>;
}

export function guarded(
  answer: RequestListener,
  { config, auth, clock, log }: GuardOptions,
): RequestListener {
  let limit: RateLimit | undefined;
  let isAllowed = (_now: number) => true;

  /** One limit for all addresses; a changed one begins full. */
  function isTooMany({ rateLimit }: WebConfig): boolean {
    if (!isDeepStrictEqual(rateLimit, limit))
      isAllowed = rateLimit ? limiter(rateLimit, clock()) : () => true;
    limit = rateLimit;
    return !isAllowed(clock());
  }

  return (request, response) => {
    const now = config();
    const err = now.tls && certificateProblem(request.socket as TLSSocket, now.tls);
    if (err !== undefined) {
      log.debug('A TLS client was refused', { client: request.socket.remoteAddress, err });
      request.socket.destroy();
      return;
    }
    if (isTooMany(now)) return refuse(response, 429, 'Too Many Requests');
    for (const [name, value] of Object.entries(now.headers)) response.setHeader(name, value);
    if (now.users.size === 0) return answer(request, response);

    const decide = (isAdmitted: boolean) => {
      if (isAdmitted) answer(request, response);
      else refuse(response, 401, 'Unauthorized', { 'www-authenticate': 'Basic' });
    };
    const verdict = auth.admits(request.headers.authorization, now.users);
    if (!(verdict instanceof Promise)) return decide(verdict);
    verdict.then(decide, (err: unknown) => {
      log.error('A password could not be checked', { method: request.method, url: request.url, err });
      refuse(response, 500, 'Internal Server Error');
    });
  };
}

function refuse(response: ServerResponse, status: number, text: string, headers: object = {}): void {
  const body = `${text}\n`;
  response.writeHead(status, {
    ...everyAnswer,
    'content-length': body.length,
    'content-type': 'text/plain; charset=utf-8',
    ...headers,
  });
  response.end(body);
}

/** A token bucket as in Go's golang.org/x/time/rate, full at first; a burst of 0 allows nothing. Times in milliseconds. */
export function limiter({ interval, burst }: RateLimit, start: number): (now: number) => boolean {
  let tokens = burst;
  let countedAt = start;
  return (now) => {
    tokens = Math.min(burst, tokens + (now - countedAt) / (interval * 1000));
    countedAt = now;
    const isAllowed = tokens >= 1;
    if (isAllowed) tokens -= 1;
    return isAllowed;
  };
}

export interface TlsClient {
  readonly authorized: boolean;
  getPeerX509Certificate(): { readonly subjectAltName?: string | undefined } | undefined;
}

/** Why a client is refused, as Go's tls.Config judges; undefined when it is let in. node:tls has verified the chain. */
export function certificateProblem(
  client: TlsClient | TLSSocket,
  { clientAuth, allowedNames }: Pick<TlsConfig, 'clientAuth' | 'allowedNames'>,
): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined;
  const certificate = client.getPeerX509Certificate();
  if (!certificate) {
    const isNeeded = clientAuth === 'RequireAnyClientCert' || clientAuth === 'RequireAndVerifyClientCert';
    return isNeeded ? 'it has shown no certificate' : undefined;
  }
  const isVerified = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (isVerified && !client.authorized) return 'its certificate could not be verified';
  if (!allowedNames) return undefined;
  const names = subjectAltNames(certificate.subjectAltName ?? '');
  if (allowedNames.some((allowed) => names.includes(allowed) || names.includes(canonical(allowed))))
    return undefined;
  return 'its certificate is for none of client_allowed_sans';
}

/** DNS names, IP addresses, e-mail addresses and URIs, from `DNS:a.example, IP Address:::1, URI:"…"`. */
function subjectAltNames(extension: string): string[] {
  const names = extension.matchAll(/(?:^|, )(DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...names].map(([, kind, name = '']) => {
    // Node quotes names that could be mistaken for several ones, as JSON.
    const plain = name.startsWith('"') ? (JSON.parse(name) as string) : name;
    return kind === 'IP Address' ? canonical(plain) : plain;
  });
}

/** IPv6 addresses in their short form: Node writes the addresses of a certificate in full. */
function canonical(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
