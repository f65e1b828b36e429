// Answers scrapes: with which projects, in which format and coding; and tells who has received them.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';
import type { FastifyInstance } from 'fastify';
import type { Answer, Encoding, Exposition, Wanted } from '../exposition/exposition.ts';
import type { Scraper } from '../exposition/scrapers.ts';
import type { Logger } from '../lib/logger.ts';

export const everyAnswer = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Prometheus 3 accepts only these content types. */
const metricsHeaders = {
  text: headersOf('text/plain; version=0.0.4; charset=utf-8'),
  openmetrics: headersOf('application/openmetrics-text; version=1.0.0; charset=utf-8'),
};

function headersOf(contentType: string) {
  const identity = { ...everyAnswer, 'content-type': contentType, vary: 'Accept, Accept-Encoding' };
  return { identity, gzip: { ...identity, 'content-encoding': 'gzip' } };
}

export interface MetricsRouteOptions {
  readonly exposition: Pick<Exposition, 'has' | 'metrics'>;
  /** Whether a project that is not published here is another replica's, or about to be published. */
  readonly isElsewhere: (project: string) => boolean;
  readonly log: Pick<Logger, 'error'>;
}

export function addMetricsRoute(
  app: FastifyInstance,
  path: string,
  { exposition, isElsewhere, log }: MetricsRouteOptions,
): void {
  const negotiated = createNegotiation();

  app.get(path, (request, reply) => {
    const query = request.query as Readonly<Record<string, string | string[] | undefined>>;
    const { project } = query;
    if (Array.isArray(project) || Object.keys(query).some((parameter) => parameter !== 'project')) {
      const allowed = `${path} takes one query parameter, project=NAME, once: remove all others from the URL.`;
      return reply.code(400).send(`${allowed}\n`);
    }
    if (project !== undefined && !exposition.has(project)) {
      if (isElsewhere(project)) {
        const text = `This replica does not have this project now: scrape ${path} of each replica.\n`;
        return reply.code(503).send(text);
      }
      return reply.code(404).send('No project has this name: /sd lists those there are.\n');
    }
    const { accept, 'accept-encoding': acceptEncoding } = request.headers;
    const { format, encoding } = negotiated(accept, acceptEncoding as string | undefined);
    const answer = exposition.metrics({ format, encoding, project });
    const send = ({ body, receivedBy }: Answer): void => {
      // Fastify's own way takes long compared with the few hundred microseconds of a scrape.
      reply.hijack();
      const { raw: response } = reply;
      response.writeHead(200, { ...metricsHeaders[format][encoding], 'content-length': body.length });
      const isHead = request.method === 'HEAD';
      if (!isHead)
        onceSent(request.raw, response, (scraper) => {
          receivedBy(scraper).catch((err: unknown) =>
            log.error('Values due after a scrape are late', { err }),
          );
        });
      response.end(isHead ? undefined : body);
    };
    return answer instanceof Promise ? answer.then(send) : send(answer);
  });
}

/** Prometheus 3 names one of these in Accept. Our names need none: they all come to the same text. */
const escapings = ['allow-utf-8', 'underscores', 'dots', 'values'];
const offers = (mediaType: string) =>
  escapings.map((escaping) => `${mediaType}; charset=utf-8; escaping=${escaping}`);
const textOffers = offers('text/plain; version=0.0.4');
const openMetricsOffers = offers('application/openmetrics-text; version=1.0.0');
/** In this order for clients that have no preference. */
const allOffers = [...textOffers, ...openMetricsOffers];
const encodings: readonly Encoding[] = ['gzip', 'identity'];

/** Clients send the same headers each time, and parsing them takes longer than the rest of a small scrape. */
export function createNegotiation() {
  const remembered = new LRUCache<string, Pick<Wanted, 'format' | 'encoding'>>({
    max: 16,
    memoMethod: (headers) => negotiate(...(headers.split('\n') as [string, string])),
  });
  return (accept = '', acceptEncoding = '') => remembered.memo(`${accept}\n${acceptEncoding}`);
}

/** RFC 9110, section 12.5. A client that accepts nothing on offer gets plain text: better than a failed scrape. */
function negotiate(accept: string, acceptEncoding: string): Pick<Wanted, 'format' | 'encoding'> {
  const negotiator = new Negotiator({ headers: { accept, 'accept-encoding': acceptEncoding } });
  const mediaType = accept === '' ? undefined : negotiator.mediaType(allOffers);
  return {
    format: mediaType !== undefined && openMetricsOffers.includes(mediaType) ? 'openmetrics' : 'text',
    encoding: negotiator.encoding([...encodings]) === 'gzip' ? 'gzip' : 'identity',
  };
}

/** Calls back once all of the answer was handed to the system; not when the client is gone before that. */
function onceSent(
  request: IncomingMessage,
  response: ServerResponse,
  sent: (scraper: Scraper) => void,
): void {
  const { socket } = request;
  // With HTTP/2 the answer finishes when its stream is over, sent or not, so the stream itself is asked; and `socket` stands
  // for the stream alone, so the session is the connection.
  const { stream } = response as { readonly stream?: ServerHttp2Stream };
  const connection = stream?.session ?? socket;
  const scraper = {
    address: forwardedFor(request.headers) ?? socket.remoteAddress ?? '',
    agent: request.headers['user-agent'] ?? '',
    connection,
    timeout: Number(request.headers['x-prometheus-scrape-timeout-seconds']) * 1000 || undefined,
  };
  // Node also reports `finish` when the connection broke and the rest was lost.
  (stream ?? response).on('finish', () => {
    if (!connection.destroyed && !stream?.destroyed) sent(scraper);
  });
}

/** Of the parameter `for` in Forwarded: RFC 7239, section 4. */
const forParameter = /(?:^|[;,\s])for=(?:"([^"]*)"|([^\s;,"]*))/gi;
/** An address with or without a port, which can differ from request to request; IPv6 can be in brackets. */
const addressAndPort = /^(?:\[([\da-f:.]+)\](?::\w+)?|([\d.]+)(?::\w+)?|([\da-f:.]+))$/i;

/** The client's address as the first proxy gives it. Clients can send anything: it tells scrapers apart, no more. */
export function forwardedFor(headers: IncomingHttpHeaders): string | undefined {
  const { 'x-forwarded-for': listed = '', forwarded = '' } = headers;
  if (listed === '' && forwarded === '') return undefined;
  const named = [...forwarded.matchAll(forParameter)].map(([, quoted, token]) => quoted ?? token ?? '');
  for (const text of [...String(listed).split(','), ...named]) {
    const [, inBrackets, v4, v6] = addressAndPort.exec(text.trim()) ?? [];
    const address = inBrackets ?? v4 ?? v6;
    if (address !== undefined) return address;
  }
  return undefined;
}
