// What the exporter answers over HTTP, built without listening. Every answer comes from memory: no request
// waits for the API, and no outage of the API makes one fail.
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { addMetricsRoute, everyAnswer, type MetricsRouteOptions } from './metrics.ts';
import { pagePolicy } from './page-style.ts';
import { landingPage, projectPage } from './page.ts';
import type { ProgramStatus } from './status.ts';

export interface AppOptions extends MetricsRouteOptions {
  /** Where the metrics are: an absolute path without `:`, `*` or `?`. At `/` there is no landing page. */
  readonly telemetryPath: string;
  readonly status: () => ProgramStatus;
  /** Resolves to what is wrong with the configuration. Undefined where reloads over HTTP are off. */
  readonly reload: (() => Promise<readonly string[]>) | undefined;
}

/** A name or address with or without a port: safe to repeat in an answer. */
const harmlessHost = /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/;

/** No route has a schema. Fastify's own compilers, Ajv above all, would be half of what it loads. */
const compilesNothing = (): never => {
  throw new Error('No route has a schema.');
};
const noSchemas = { buildValidator: compilesNothing, buildSerializer: compilesNothing };

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { telemetryPath, status, reload, log } = options;
  const app = fastify({
    frameworkErrors: (_error, _request, reply: FastifyReply) =>
      reply.code(400).headers(everyAnswer).send('The URL cannot be decoded.\n'),
    schemaController: { compilersFactory: noSchemas },
  });
  // No path takes a body, and none must be read to say so.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.headers(everyAnswer);
    done();
  });

  addMetricsRoute(app, telemetryPath, options);
  if (telemetryPath !== '/') addLandingPage(app, options);

  // Prometheus' HTTP service discovery: each project is a target.
  app.get('/sd', (request, reply) => {
    const { host } = request;
    if (!harmlessHost.test(host))
      return reply.code(400).send('The Host header names no host that can be scraped.\n');
    const { projects, sharing } = status();
    const names = [
      ...projects.map(({ name }) => name),
      ...(sharing?.elsewhere ?? []).map(({ project }) => project),
    ];
    // Targets differ by the parameter, which is no label of what is scraped: with the project in `instance`, series such as
    // `up` differ, too. Scheme and path are the job's to say: behind a proxy the exporter cannot know them.
    const target = (project: string) => ({
      targets: [host],
      labels: { __param_project: project, instance: `${host}/${project}` },
    });
    return reply.send(names.map(target));
  });

  app.get('/-/healthy', (_request, reply) => reply.send('livekit-cloud-exporter is healthy.\n'));

  // Other replicas ask here whether this one still runs.
  app.get('/-/replica', (request, reply) => {
    const { name } = request.query as Readonly<Record<string, unknown>>;
    if (name !== undefined && name === status().sharing?.name)
      return reply.send('This replica has this name.\n');
    return reply.code(404).send('This replica does not have this name.\n');
  });

  app.get('/-/ready', (_request, reply) => {
    const { projects, sharing } = status();
    if (sharing?.elsewhere.some(({ replica }) => replica === undefined)) {
      const reason = sharing.failure?.message ?? 'Not every project has a replica yet.';
      return reply.code(503).send(`livekit-cloud-exporter is not ready. ${reason}\n`);
    }
    const waiting = projects.filter((project) => project.pollsFinished === 0);
    if (waiting.length === 0) return reply.send('livekit-cloud-exporter is ready.\n');
    const names = waiting.map((project) => project.name).join(', ');
    const text = `livekit-cloud-exporter is not ready. Waiting for the first poll of: ${names}\n`;
    return reply.code(503).send(text);
  });

  app.post('/-/reload', async (_request, reply) => {
    if (!reload) {
      const allowed = 'Reloading over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP.\n';
      return reply.code(403).send(allowed);
    }
    const problems = await reload();
    if (problems.length === 0) return reply.send('The configuration was reloaded.\n');
    const lines = problems.map((problem) => `  ${problem}\n`).join('');
    return reply.code(500).send(`The configuration cannot be used; the previous one stays in use:\n${lines}`);
  });

  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const methods = ['GET', 'HEAD', 'POST'].filter((method) => app.hasRoute({ method, url: path }));
    if (methods.length === 0) return reply.code(404).send('There is nothing at this path.\n');
    const text = `This path takes only ${methods.join(' and ')}, not ${request.method}.\n`;
    return reply.code(405).header('allow', methods.join(', ')).send(text);
  });

  app.setErrorHandler((error: Partial<FastifyError>, request, reply) => {
    // Fastify refuses the request itself, for example for a malformed Content-Type.
    if (error.statusCode && error.statusCode < 500)
      return reply.code(error.statusCode).send(`${error.message ?? 'The request is malformed.'}\n`);
    log.error('A request could not be answered', { method: request.method, url: request.url, err: error });
    return reply
      .code(500)
      .send('The exporter failed to answer; its log says why. Please report this fault.\n');
  });

  await app.ready();
  return app;
}

function addLandingPage(app: FastifyInstance, { telemetryPath, status, isElsewhere }: AppOptions): void {
  app.get('/', (request, reply) => {
    const { project } = request.query as Readonly<Record<string, string | string[] | undefined>>;
    if (Array.isArray(project)) return reply.code(400).send('This page takes one project=NAME.\n');
    const current = status();
    const page =
      project === undefined
        ? landingPage(current, telemetryPath)
        : projectPage(current, telemetryPath, project);
    if (page === undefined) {
      if (!isElsewhere(project ?? '')) return reply.code(404).send('No project has this name.\n');
      const { replica } = current.sharing?.elsewhere.find((other) => other.project === project) ?? {};
      const where = replica
        ? `Replica ${replica} has this project: open the page of that replica.\n`
        : 'No replica polls this project yet.\n';
      return reply.code(503).send(where);
    }
    // One that the web configuration sets wins.
    if (!reply.raw.hasHeader('content-security-policy')) reply.header('content-security-policy', pagePolicy);
    return reply.header('referrer-policy', 'no-referrer').type('text/html; charset=utf-8').send(page);
  });
}
