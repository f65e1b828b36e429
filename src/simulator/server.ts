// The simulated Analytics API and server API behind real HTTP: listens, and finds out what each request asks for.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostAndPort, type ListenAddress } from '../lib/text.ts';
import { serverPaths } from '../livekit/wire/wire.ts';
import type { SimulatedProject } from './cloud.ts';
import {
  type Answer,
  type ApiOptions,
  ProjectApi,
  refusal,
  type Route,
  type SimulatedRequest,
} from './project-api.ts';

export interface SimulatorOptions extends ApiOptions {
  readonly projects: readonly SimulatedProject[];
  /** Default: 127.0.0.1, any free port. An empty host: all interfaces. */
  readonly listen?: Partial<ListenAddress>;
  readonly intercept?: Intercept;
}

/** Resolves to what is to be sent in place of `answer()`; undefined when it has dealt with the response itself. */
export type Intercept = (
  request: SimulatedRequest,
  answer: () => Promise<Answer>,
) => Promise<Answer | undefined>;

export interface Simulator {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** Ends every connection, those that hang too. */
  close(): Promise<void>;
}

/** Rejected with Node's error when it cannot listen. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { now, intercept = (_request, answer) => answer() } = options;
  const { host = '127.0.0.1', port = 0 } = options.listen ?? {};
  const projects = new Map(options.projects.map((project) => [project.id, new ProjectApi(project, options)]));
  const idsByKey = new Map<unknown, string>(options.projects.map(({ apiKey, id }) => [apiKey, id]));

  async function trueAnswer(request: SimulatedRequest): Promise<Answer> {
    const isServerApi = request.endpoint in serverPaths;
    const method = isServerApi ? 'POST' : 'GET';
    if (request.incoming.method !== method)
      return refusal(405, 'bad_route', `only ${method} is allowed`, { Allow: method });
    const project = projects.get(request.projectId);
    if (project) return project.answer(request);
    if (isServerApi) return refusal(401, 'unauthenticated', 'the key of the token is not known');
    return refusal(404, 'not_found', 'there is no such project');
  }

  async function answerRequest(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Date', new Date(now() * 1000).toUTCString());
    const target = `http://simulator${incoming.url ?? '/'}`;
    const url = URL.canParse(target) ? new URL(target) : undefined;
    const projectOfKey = idsByKey.get(keyOf(incoming.headers.authorization)) ?? '';
    const route = url && routeOf(url.pathname, projectOfKey);
    if (!route) return deliver(response, refusal(404, 'not_found', 'there is no such path'));
    const request = { incoming, response, url, ...route };
    const answer = await intercept(request, () => trueAnswer(request));
    if (answer) deliver(response, answer);
  }

  const server = createServer((incoming, response) => void answerRequest(incoming, response));
  // Clients keep connections between polls, and the end of an idle one can cross a request on its way.
  server.keepAliveTimeout = 120_000;
  server.listen(port, host || undefined);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://${hostAndPort(address.address, address.port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function deliver(response: ServerResponse, { status, headers, body }: Answer): void {
  if (!response.destroyed) response.writeHead(status, headers).end(body);
}

/** The API key that a request's token names, unchecked. */
function keyOf(authorization = ''): unknown {
  try {
    const claims = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString();
    return (JSON.parse(claims) as Record<string, unknown>)['iss'];
  } catch {
    return undefined;
  }
}

function routeOf(path: string, projectOfKey: string): Route | undefined {
  for (const endpoint of ['rooms', 'egresses'] as const)
    if (path === serverPaths[endpoint]) return { endpoint, projectId: projectOfKey, sessionId: '' };
  const [, project, session = ''] = /^\/api\/project\/([^/]+)\/sessions(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  if (project === undefined) return undefined;
  try {
    const [projectId, sessionId] = [decodeURIComponent(project), decodeURIComponent(session)];
    return { endpoint: session === '' ? 'sessions' : 'session', projectId, sessionId };
  } catch {
    return undefined;
  }
}
