// The Analytics API and the server API of one project: from a request to an answer, as their documentation has it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TokenVerifier } from 'livekit-server-sdk';
import { daySeconds, utcDay } from '../livekit/wire/wire.ts';
import { earliestListed, type SimulatedCloud, type SimulatedProject } from './cloud.ts';
import { egressOf, roomNow, sessionDetails, sessionRow } from './session-answers.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function jsonAnswer(status: number, content: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(content),
  };
}

/** An error as LiveKit's services write them. */
export function refusal(status: number, code: string, msg: string, headers?: Record<string, string>): Answer {
  return jsonAnswer(status, { code, msg }, headers);
}

export interface Route {
  readonly endpoint: 'sessions' | 'session' | 'rooms' | 'egresses';
  /** Of the server API the project whose key the token names; empty when there is none. */
  readonly projectId: string;
  /** Of `session`, else empty. */
  readonly sessionId: string;
}

export interface SimulatedRequest extends Route {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** Seconds by which the clocks of LiveKit and the client may differ: go-jose's default leeway, used by livekit/protocol. */
const leeway = 60;

const liveKitsRequestsPerMinute = 1000;

export interface ApiOptions {
  /** Unix seconds: the clock of the sessions, the tokens and the header Date. */
  readonly now: () => number;
  /** The clock tokens are checked by, when `now` is not the one of those who sign them. Default: `now`. */
  readonly tokenNow?: () => number;
  /** Default: LiveKit's limit. */
  readonly requestsPerMinute?: number;
  /** How late the session list is, seconds. Default 0: as early as the live source. */
  readonly listDelay?: number;
  /** Sessions that the list calls active although their room is gone: those that began first. Default 0. */
  readonly ghosts?: number;
}

export class ProjectApi {
  readonly #cloud: SimulatedCloud;
  readonly #verifier: TokenVerifier;
  readonly #options: Required<ApiOptions>;
  /** When requests of the last minute were admitted, Unix seconds. */
  #admitted: number[] = [];

  constructor({ apiKey, apiSecret, cloud }: SimulatedProject, options: ApiOptions) {
    this.#cloud = cloud;
    this.#verifier = new TokenVerifier(apiKey, apiSecret);
    const defaults = { requestsPerMinute: liveKitsRequestsPerMinute, listDelay: 0, ghosts: 0 };
    this.#options = { ...defaults, tokenNow: options.now, ...options };
  }

  async answer(request: SimulatedRequest): Promise<Answer> {
    const now = this.#options.now();
    const tooEarly = this.#admit(now);
    if (tooEarly > 0)
      return refusal(429, 'resource_exhausted', 'too many requests', { 'Retry-After': String(tooEarly) });
    const refused = await this.#refused(request);
    if (refused) return refused;
    this.#cloud.advanceTo(now);
    const listed = now - this.#options.listDelay;
    switch (request.endpoint) {
      case 'rooms':
        return jsonAnswer(200, { rooms: this.#running(now).map((session) => roomNow(session, now)) });
      case 'egresses':
        return this.#egresses(now);
      case 'session':
        return this.#details(request.sessionId, listed);
      case 'sessions':
        return this.#sessions(readSessionQuery(request.url.searchParams, now), listed);
    }
  }

  async #refused({ endpoint, incoming }: SimulatedRequest): Promise<Answer | undefined> {
    const unauthenticated = (message: string) => refusal(401, 'unauthenticated', message);
    const [, token] = /^Bearer (\S+)$/.exec(incoming.headers.authorization ?? '') ?? [];
    if (token === undefined) return unauthenticated('the request has no bearer token');
    let claims: Awaited<ReturnType<TokenVerifier['verify']>> & { exp?: number; nbf?: number };
    try {
      // The times are checked by the simulator's clock, not the machine's.
      claims = await this.#verifier.verify(token, Infinity);
    } catch (error) {
      return unauthenticated(`the token is invalid: ${(error as Error).message}`);
    }
    const now = this.#options.tokenNow();
    if (now > (claims.exp ?? 0) + leeway) return unauthenticated('the token has expired');
    if (now < (claims.nbf ?? 0) - leeway)
      return unauthenticated('the token is not valid yet: check the clocks');
    const grant = endpoint === 'egresses' ? 'roomRecord' : 'roomList';
    if (claims.video?.[grant] === true) return undefined;
    return refusal(403, 'permission_denied', `the token does not have the grant ${grant}`);
  }

  /** Admits a request and returns 0, or by how many whole seconds it comes too early. */
  #admit(now: number): number {
    this.#admitted = this.#admitted.filter((time) => time > now - 60);
    const [oldest] = this.#admitted;
    if (oldest !== undefined && this.#admitted.length >= this.#options.requestsPerMinute)
      return Math.max(1, Math.ceil(oldest + 60 - now));
    this.#admitted.push(now);
    return 0;
  }

  /** Newest first. `listed`: the time up to which the list is complete. */
  #sessions(query: ReturnType<typeof readSessionQuery>, listed: number): Answer {
    if (typeof query === 'string') return refusal(400, 'invalid_argument', query);
    const cloud = this.#cloud;
    const first = cloud.countBefore(query.from);
    const end = Math.min(cloud.countUntil(listed), cloud.countBefore(query.until)) - query.page * query.limit;
    const sessions = cloud.sessions.slice(Math.max(first, end - query.limit), Math.max(first, end));
    return jsonAnswer(200, {
      sessions: sessions.reverse().map((session) => sessionRow(session.readAt(listed))),
    });
  }

  #details(sessionId: string, listed: number): Answer {
    const session = this.#cloud.session(sessionId);
    if (!session || session.startsAt > listed) return refusal(404, 'not_found', 'there is no such session');
    return jsonAnswer(200, sessionDetails(session, listed));
  }

  /** Without ghosts. */
  #running(now: number): readonly SimulatedSession[] {
    return this.#begunBy(now)
      .filter(({ endsAt }) => now < endsAt)
      .slice(this.#options.ghosts);
  }

  /** Running ones, and those that ended in the last day. */
  #egresses(now: number): Answer {
    const ended = this.#begunBy(now).filter(({ endsAt }) => now >= endsAt && now - endsAt < daySeconds);
    const items = [...ended, ...this.#running(now)].flatMap((session) => egressOf(session, now) ?? []);
    return jsonAnswer(200, { items });
  }

  #begunBy(now: number): readonly SimulatedSession[] {
    return this.#cloud.sessions.slice(0, this.#cloud.countUntil(now));
  }
}

const defaultLimit = 100;
/** Larger limits are answered with pages of so many rows. */
const mostRows = 1000;

/**
 * What is asked of the list at a time (Unix seconds): a page, and of what starts at `from` or later, and before `until`. Or what is
 * wrong with the query.
 */
export function readSessionQuery(search: URLSearchParams, now: number) {
  const page = wholeNumber(search.get('page') ?? '0');
  if (page === undefined) return 'page must be a whole number from 0 on';
  const limit = wholeNumber(search.get('limit') ?? String(defaultLimit));
  if (limit === undefined || limit === 0) return 'limit must be a whole number from 1 on';

  const earliest = earliestListed(now);
  const start = search.get('start');
  const from = start === null ? earliest : utcDayStart(start);
  if (from === undefined) return 'start must be a date, YYYY-MM-DD';
  if (from < earliest) return 'start must be within 7 days of the current date';

  const end = search.get('end');
  // LiveKit's newer clients leave the day out, its documentation does not.
  const until = end === null ? Infinity : utcDayStart(end);
  if (until === undefined) return 'end must be a date, YYYY-MM-DD';
  if (until < from) return 'end must not be before start';
  return { page, limit: Math.min(limit, mostRows), from, until };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Unix seconds of the start of a day that exists. */
function utcDayStart(text: string): number | undefined {
  const seconds = Date.parse(`${text}T00:00:00Z`) / 1000;
  return !Number.isNaN(seconds) && utcDay(seconds) === text ? seconds : undefined;
}
