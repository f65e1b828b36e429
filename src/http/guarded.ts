// Stands before all answers when there is a web configuration: limits the rate, asks who is there, adds headers.
// Works the same for HTTP/1.1 and HTTP/2.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { TooManyPasswords, type BasicAuth } from './basic-auth.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { WebRules, WebRulesSource } from './web-rules.ts';

export interface GuardLog {
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface GuardOptions {
  readonly rules: WebRulesSource;
  readonly auth: BasicAuth;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  readonly log: GuardLog;
}

/** What everybody who may is answered, and everybody else is not. */
export function guarded(answer: RequestListener, { rules, auth, clock, log }: GuardOptions): RequestListener {
  const allows = limiter(clock);
  return (request, response) => {
    const now = rules.read();
    if (!allows(now)) return refuse(response, 429, 'Too Many Requests');
    addHeaders(response, now.headers);
    if (now.users.size === 0) return answer(request, response);

    const decide = (admitted: boolean) => {
      if (admitted) answer(request, response);
      else refuse(response, 401, 'Unauthorized', { 'www-authenticate': 'Basic' });
    };
    const admitted = auth.admits(request.headers.authorization, now.users);
    if (typeof admitted === 'boolean') return decide(admitted);
    admitted.then(decide, (reason: unknown) => fail(request, response, reason));
  };

  function fail(request: IncomingMessage, response: ServerResponse, err: unknown): void {
    if (err instanceof TooManyPasswords)
      return refuse(response, 503, 'Too many passwords are waiting to be checked');
    log.error('A password could not be checked', { method: request.method, url: request.url, err });
    refuse(response, 500, 'Internal Server Error');
  }
}

/** Of one limit for all addresses, which begins anew when it changes. */
function limiter(clock: () => number): (rules: WebRules) => boolean {
  let limit: WebRules['rateLimit'];
  let bucket: RateLimiter | undefined;
  return ({ rateLimit }) => {
    if (rateLimit?.interval !== limit?.interval || rateLimit?.burst !== limit?.burst) {
      limit = rateLimit;
      bucket = limit && new RateLimiter(limit, clock());
    }
    return bucket?.allows(clock()) ?? true;
  };
}

/** Whoever answers writes its headers all at once: these go with them. */
function addHeaders(response: ServerResponse, headers: WebRules['headers']): void {
  if (Object.keys(headers).length === 0) return;
  const writeHead = response.writeHead.bind(response) as (status: number, headers: object) => typeof response;
  response.writeHead = (status: number, own?: unknown) => writeHead(status, { ...Object(own), ...headers });
}

function refuse(response: ServerResponse, status: number, text: string, headers: object = {}): void {
  const body = `${text}\n`;
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-length': body.length,
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
