// What the exporter answers over HTTP, built without listening. Every answer comes from memory: no request
// waits for the API, and no outage of the API makes one fail.
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { chooseEncoding, type Encoding } from './accept-encoding.ts';
import { everyAnswer, sendText } from './answers.ts';
import { addLandingRoute } from './landing-route.ts';
import type { StatusSource } from './status.ts';
import { UnsentAnswers } from './unsent-answers.ts';

/** The metrics of now as text 0.0.4. */
export interface Exposition {
  metrics(encoding: Encoding): Promise<MetricsAnswer>;
}

export interface MetricsAnswer {
  /** Must stay as it is until it is sent. */
  readonly body: Buffer;
  /** Told who made a scrape once all of the body was sent. */
  readonly receivedBy: (scraper: Scraper) => void;
}

/** Who made a scrape, as well as a request tells. */
export interface Scraper {
  readonly address: string;
  /** The User-Agent. */
  readonly agent: string;
  readonly connection: { readonly destroyed: boolean };
}

/** Hears of requests that failed by a fault of ours. */
export interface FaultLog {
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface AppOptions {
  /** Where the metrics are: an absolute path without `:`, `*` or `?`. At `/` there is no landing page. */
  readonly telemetryPath: string;
  readonly exposition: Exposition;
  readonly status: StatusSource;
  readonly log: FaultLog;
}

const metricsHeaders = {
  ...everyAnswer,
  'content-type': 'text/plain; version=0.0.4; charset=utf-8',
  vary: 'Accept, Accept-Encoding',
};
const gzipMetricsHeaders = { ...metricsHeaders, 'content-encoding': 'gzip' };

/** Answers an app that is ready for `routing` and `inject()`. */
export async function buildApp({
  telemetryPath,
  exposition,
  status,
  log,
}: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // `*` is about the server itself (RFC 9110, section 7.1), and would be taken for `/`.
    rewriteUrl: ({ url = '' }) => (url === '*' ? '/*' : url),
    frameworkErrors: (_error, _request, reply) => sendText(reply, 400, 'The URL cannot be decoded.'),
  });
  // No path takes a body, and none must be read to say so.
  app.removeAllContentTypeParsers();

  const unsent = new UnsentAnswers();
  app.get(telemetryPath, async (request, reply) => {
    if (Object.keys(request.query as object).length > 0) {
      return sendText(reply, 400, `${telemetryPath} takes no query parameters: remove them from the URL.`);
    }
    const encoding = chooseEncoding(request.headers['accept-encoding'] as string | undefined);
    const { body, receivedBy } = await exposition.metrics(encoding);
    unsent.add(body, reply.raw);
    if (request.method === 'GET') onceSent(request, reply, receivedBy);
    return reply.headers(encoding === 'gzip' ? gzipMetricsHeaders : metricsHeaders).send(body);
  });

  app.get('/-/healthy', { onRequest: refuseQuery }, (_request, reply) =>
    sendText(reply, 200, 'livekit-cloud-exporter is healthy.'),
  );

  app.get('/-/ready', { onRequest: refuseQuery }, (_request, reply) => {
    const waiting = status.read().projects.filter((project) => project.pollsFinished === 0);
    if (waiting.length === 0) return sendText(reply, 200, 'livekit-cloud-exporter is ready.');
    const names = waiting.map((project) => project.name).join(', ');
    return sendText(
      reply,
      503,
      `livekit-cloud-exporter is not ready. Waiting for the first poll of: ${names}`,
    );
  });

  if (telemetryPath !== '/') addLandingRoute(app, telemetryPath, status);

  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    if (!app.hasRoute({ method: 'GET', url: path }))
      return sendText(reply, 404, 'There is nothing at this path.');
    reply.header('allow', 'GET, HEAD');
    return sendText(reply, 405, `Only GET and HEAD are answered here, not ${request.method}.`);
  });

  app.setErrorHandler((error: Partial<FastifyError>, request, reply) => {
    // Fastify's own verdict on the request, such as a Content-Type that is none.
    if (error.statusCode && error.statusCode < 500) {
      return sendText(reply, error.statusCode, error.message ?? 'The request is malformed.');
    }
    log.error('A request could not be answered', { method: request.method, url: request.url, err: error });
    return sendText(reply, 500, 'The exporter failed to answer; its log says why. Please report this fault.');
  });

  await app.ready();
  return app;
}

/** For paths that take no query parameters. */
function refuseQuery(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (Object.keys(request.query as object).length === 0) done();
  else sendText(reply, 400, 'This path takes no query parameters: remove them from the URL.');
}

/** Calls back when all of the answer was handed to the system, not when the client has gone before. */
function onceSent(request: FastifyRequest, reply: FastifyReply, sent: (scraper: Scraper) => void): void {
  const { socket } = request;
  const scraper = { address: request.ip, agent: request.headers['user-agent'] ?? '', connection: socket };
  // Node calls an answer finished also when its connection broke and took the rest with it.
  reply.raw.once('finish', () => {
    if (!socket.destroyed) sent(scraper);
  });
}

/** Nothing here is described by a schema: fastify need not load what compiles them. */
function noSchemas(): never {
  throw new Error('A route has a schema, and nothing compiles it.');
}
