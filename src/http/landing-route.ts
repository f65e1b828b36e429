// The answer to a person with a browser: the page of all projects, or of one.
import type { FastifyInstance } from 'fastify';
import { everyAnswer, sendText } from './answers.ts';
import type { StatusSource } from './status.ts';

const pageHeaders = {
  ...everyAnswer,
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
};

export function addLandingRoute(app: FastifyInstance, telemetryPath: string, status: StatusSource): void {
  app.get('/', async (request, reply) => {
    const { project, ...others } = request.query as Readonly<Record<string, string | string[] | undefined>>;
    if (Object.keys(others).length > 0 || Array.isArray(project)) {
      const allowed =
        'This page takes one query parameter, project=NAME, once: remove all others from the URL.';
      return sendText(reply, 400, allowed);
    }
    // Loaded on first use: hashing its style sheet takes node:crypto, a twentieth of the time to start.
    const { landingPage, landingPagePolicy, projectPage } = await import('./landing-page.ts');
    const page =
      project === undefined
        ? landingPage(status.read(), telemetryPath)
        : projectPage(status.read(), telemetryPath, project);
    if (page === undefined) return sendText(reply, 404, 'No project has this name.');
    return reply.headers({ ...pageHeaders, 'content-security-policy': landingPagePolicy }).send(page);
  });
}
