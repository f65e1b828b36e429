// The simulated Analytics API behind real HTTP. It listens, times and routes; what is answered is decided
// elsewhere.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sessionsPath } from '../livekit/wire/wire.ts';
import { refusal, type Answer } from './answer.ts';
import { answerControl, controlPrefix } from './control.ts';
import { deliver } from './delivery.ts';
import { Faults } from './faults.ts';
import {
  requireNumber,
  requireOneOf,
  requireText,
  requireWhole,
  SimulatorOptionError,
} from './option-error.ts';
import { ProjectApi, type ApiHabits, type SimulatedProject } from './project-api.ts';
import { misbehave, plainReplacement } from './replacement.ts';
import { RequestLog, type LoggedRequest } from './request-log.ts';
import { rowOrders } from './row-order.ts';
import { answerAges } from './session-details.ts';
import type { ProjectTruth, TruthOptions } from './truth.ts';
import { documentedSpelling } from './wire-format.ts';

export interface SimulatorOptions extends Partial<ApiHabits> {
  readonly projects: readonly SimulatedProject[];
  /** Unix seconds: the clock of the sessions, the tokens and the header Date. */
  readonly now: () => number;
  /** The clock tokens are checked by, when `now` is not the one of those who sign them. Default: `now`. */
  readonly tokenNow?: () => number;
  /** Default: 127.0.0.1, any free port. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** Before every answer. Default 0. */
  readonly latencyMilliseconds?: number;
  /** Whether `/sessions/` is the same as `/sessions`. Default true. */
  readonly slashTolerant?: boolean;
}

export interface Simulator {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly faults: Faults;
  /** Requests to the API, oldest first; at most the last 50,000. */
  readonly requests: readonly LoggedRequest[];
  /** The truth of a project, knowing how its rows are spelled. Throws a SimulatorOptionError. */
  truth(projectId: string, now: number, options?: TruthOptions): ProjectTruth;
  /** Ends every connection, those that hang too. */
  close(): Promise<void>;
}

/** Throws a SimulatorOptionError for a wrong option; rejected with Node's error when it cannot listen. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const habits = readHabits(options);
  const latency = requireNumber('latencyMilliseconds', options.latencyMilliseconds ?? 0, 0, 600_000);
  const port = requireWhole('listen.port', options.listen?.port ?? 0, 0, 65_535);
  const host = requireText('listen.host', options.listen?.host ?? '127.0.0.1');
  const projects = await openProjects(options.projects, habits);
  const faults = new Faults();
  const log = new RequestLog();

  async function answerApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const route = routeOf(url.pathname, options.slashTolerant ?? true);
    if (!route) {
      await deliver(request, response, refusal(404, 'not_found', 'there is no such path'));
      return;
    }
    const { projectId, sessionId } = route;
    const search = url.searchParams;
    const endpoint = sessionId === undefined ? 'sessions' : 'session';
    const query = (name: string): string | undefined => search.get(name) ?? undefined;
    log.add({
      time: options.now(),
      method: request.method ?? '',
      path: url.pathname,
      project: projectId,
      endpoint,
      page: query('page'),
      limit: query('limit'),
      start: query('start'),
      end: query('end'),
    });
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
    const page = endpoint === 'sessions' ? Number(query('page') ?? 0) : undefined;
    const { replacement, mishap, disorders } = faults.strike({
      project: projectId,
      endpoint,
      page,
      session: sessionId,
    });
    const now = options.now();
    if (replacement) {
      const plain = plainReplacement(replacement, now);
      if (plain) await deliver(request, response, plain, mishap);
      else misbehave(replacement, request, response);
      return;
    }
    const answer: Answer =
      request.method !== 'GET'
        ? refusal(405, 'bad_route', 'only GET is allowed', { Allow: 'GET' })
        : ((await projects.get(projectId)?.answer({
            sessionId,
            search,
            authorization: request.headers.authorization,
            now,
            tokenNow: options.tokenNow?.() ?? now,
            disorders,
          })) ?? refusal(404, 'not_found', 'there is no such project'));
    await deliver(request, response, answer, mishap);
  }

  const server = createServer((request, response) => {
    response.setHeader('Date', new Date(options.now() * 1000).toUTCString());
    const target = `http://simulator${request.url ?? '/'}`;
    const url = URL.canParse(target) ? new URL(target) : undefined;
    const answered = !url
      ? deliver(request, response, refusal(400, 'malformed', 'the request target is no URL'))
      : url.pathname.startsWith(controlPrefix)
        ? answerControl(request, url, { projects, faults, log }, options.now()).then((answer) =>
            deliver(request, response, answer),
          )
        : answerApi(request, response, url);
    answered.catch((error: unknown) => {
      if (response.destroyed) return; // The client has gone.
      // Our own mistake: the client sees a broken connection, whoever runs us the reason.
      response.destroy();
      throw error;
    });
  });
  // Clients keep connections between polls, and the end of an idle one can cross a request on its way.
  server.keepAliveTimeout = 120_000;
  await listening(server, host, port);

  return {
    url: urlOf(server.address() as AddressInfo),
    faults,
    requests: log.requests,
    truth(projectId, now, truthOptions) {
      const project = projects.get(projectId);
      if (!project)
        throw new SimulatorOptionError('project', `${projectId} is not one of ${[...projects.keys()]}`);
      return project.truth(now, truthOptions);
    },
    close: () => closed(server),
  };
}

function readHabits(options: SimulatorOptions): ApiHabits {
  const limit = options.requestsPerMinuteLimit ?? Infinity;
  return {
    spelling: options.spelling ?? documentedSpelling,
    details: requireOneOf('details', options.details ?? 'newer', answerAges),
    rowOrder: requireOneOf('rowOrder', options.rowOrder ?? 'newest_first', rowOrders),
    pageSizeCap: requireWhole('pageSizeCap', options.pageSizeCap ?? 1000, 1, 1_000_000),
    endInclusive: options.endInclusive ?? false,
    requestsPerMinuteLimit:
      limit === Infinity ? limit : requireWhole('requestsPerMinuteLimit', limit, 1, 1_000_000),
  };
}

async function openProjects(
  projects: readonly SimulatedProject[],
  habits: ApiHabits,
): Promise<ReadonlyMap<string, ProjectApi>> {
  const open = new Map<string, ProjectApi>();
  for (const project of projects) {
    if (open.has(requireText('projects.id', project.id))) {
      throw new SimulatorOptionError('projects.id', `${project.id} is there twice`);
    }
    open.set(project.id, await ProjectApi.open(project, habits));
  }
  return open;
}

/** The project and session a path names; undefined when it is no path of the API. */
function routeOf(
  path: string,
  slashTolerant: boolean,
): { projectId: string; sessionId: string | undefined } | undefined {
  const match = /^\/api\/project\/([^/]+)\/sessions(?:\/([^/]+))?(\/?)$/.exec(path);
  if (!match || (match[3] !== '' && !slashTolerant)) return undefined;
  try {
    const [projectId, sessionId] = [
      decodeURIComponent(match[1] ?? ''),
      match[2] && decodeURIComponent(match[2]),
    ];
    return path.startsWith(sessionsPath(projectId)) ? { projectId, sessionId } : undefined;
  } catch {
    return undefined;
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
