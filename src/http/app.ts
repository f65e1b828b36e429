// What the exporter answers over HTTP, built without listening. Every answer comes from memory: no request
// waits for the API, and no outage of the API makes one fail.
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { everyAnswer, sendText } from './answers.ts';
import { addLandingRoute } from './landing-route.ts';
import { addMetricsRoute, type Exposition } from './metrics-route.ts';
import { targetGroups } from './service-discovery.ts';
import type { StatusSource } from './status.ts';

/** Hears of requests that failed by a fault of ours. */
export interface FaultLog {
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Reads the configuration again. Resolves to what is wrong with it, nothing when it is in use now. */
export type Reload = () => Promise<readonly string[]>;

export interface AppOptions {
  /** Where the metrics are: an absolute path without `:`, `*` or `?`. At `/` there is no landing page. */
  readonly telemetryPath: string;
  readonly exposition: Exposition;
  readonly status: StatusSource;
  /** Undefined where it is not allowed. */
  readonly reload: Reload | undefined;
  /** By which the addresses are reached. */
  readonly scheme: 'http' | 'https';
  readonly log: FaultLog;
}

/** A name or address with or without a port, which can be given to others as it is. */
const harmlessHost = /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;

/** Answers an app that is ready for `routing` and `inject()`. */
export async function buildApp({
  telemetryPath,
  exposition,
  status,
  reload,
  scheme,
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
  app.addContentTypeParser('*', (_request, _body, done) => done(null));

  addMetricsRoute(app, telemetryPath, exposition);

  app.get('/sd', { onRequest: refuseQuery }, (request, reply) => {
    const { host } = request;
    if (!harmlessHost.test(host)) return sendText(reply, 400, 'The request names no host to be scraped at.');
    const projects = status.read().projects.map(({ name }) => name);
    return reply.headers(everyAnswer).send(targetGroups(projects, { host, scheme, telemetryPath }));
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

  app.post('/-/reload', { onRequest: refuseQuery }, async (_request, reply) => {
    if (!reload)
      return sendText(
        reply,
        403,
        'Reloading over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP.',
      );
    const problems = await reload();
    if (problems.length === 0) return sendText(reply, 200, 'The configuration was reloaded.');
    const lines = problems.map((problem) => `\n  ${problem}`).join('');
    return sendText(reply, 500, `The configuration cannot be used, the one before stays in use:${lines}`);
  });

  if (telemetryPath !== '/') addLandingRoute(app, telemetryPath, status);

  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const methods = ['GET', 'HEAD', 'POST'].filter((method) => app.hasRoute({ method, url: path }));
    if (methods.length === 0) return sendText(reply, 404, 'There is nothing at this path.');
    reply.header('allow', methods.join(', '));
    return sendText(reply, 405, `Only ${methods.join(' and ')} is answered here, not ${request.method}.`);
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

/** Nothing here is described by a schema: fastify need not load what compiles them. */
function noSchemas(): never {
  throw new Error('A route has a schema, and nothing compiles it.');
}
