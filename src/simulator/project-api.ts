// The Analytics API and the server API of one project: from a request's parts to an answer. Sends nothing itself.
import { accessCheck, type CheckAccess, type Grant } from './access.ts';
import { jsonAnswer, refusal, type Answer } from './answer.ts';
import type { SimulatedCloud } from './cloud.ts';
import { egressOf, roomNow, sessionDetails, sessionRow } from './session-answers.ts';
import { readSessionQuery } from './session-query.ts';
import { daySeconds } from './session-shelf.ts';
import type { SimulatedSession } from './simulated-session.ts';

export interface SimulatedProject {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly cloud: SimulatedCloud;
}

/** What is asked for: the session list, the details of a session, or one of the lists of the server API. */
export type Asked = { readonly sessionId: string | undefined } | { readonly list: 'rooms' | 'egresses' };

export interface ApiRequest {
  readonly asked: Asked;
  readonly search: URLSearchParams;
  readonly authorization: string | undefined;
  /** Unix seconds. */
  readonly now: number;
  /** By the clock tokens are checked by, Unix seconds. */
  readonly tokenNow: number;
}

export class ProjectApi {
  readonly #cloud: SimulatedCloud;
  readonly #checkAccess: CheckAccess;
  readonly #requestsPerMinute: number;
  /** When requests of the last minute were admitted, Unix seconds. */
  #admitted: number[] = [];

  private constructor(cloud: SimulatedCloud, checkAccess: CheckAccess, requestsPerMinute: number) {
    this.#cloud = cloud;
    this.#checkAccess = checkAccess;
    this.#requestsPerMinute = requestsPerMinute;
  }

  static async open(
    { apiKey, apiSecret, cloud }: SimulatedProject,
    requestsPerMinute: number,
  ): Promise<ProjectApi> {
    return new ProjectApi(cloud, await accessCheck(apiKey, apiSecret), requestsPerMinute);
  }

  async answer({ asked, search, authorization, now, tokenNow }: ApiRequest): Promise<Answer> {
    const tooEarly = this.#admit(now);
    if (tooEarly > 0)
      return refusal(429, 'resource_exhausted', 'too many requests', { 'Retry-After': String(tooEarly) });
    const grant: Grant = 'list' in asked && asked.list === 'egresses' ? 'roomRecord' : 'roomList';
    const refused = await this.#checkAccess(authorization, tokenNow, grant);
    if (refused) return refused;
    this.#cloud.advanceTo(now);
    if ('list' in asked) return asked.list === 'rooms' ? this.#rooms(now) : this.#egresses(now);
    return asked.sessionId === undefined ? this.#sessions(search, now) : this.#details(asked.sessionId, now);
  }

  /** Admits a request and returns 0, or by how many whole seconds it comes too early. */
  #admit(now: number): number {
    this.#admitted = this.#admitted.filter((time) => time > now - 60);
    const [oldest] = this.#admitted;
    if (oldest !== undefined && this.#admitted.length >= this.#requestsPerMinute)
      return Math.max(1, Math.ceil(oldest + 60 - now));
    this.#admitted.push(now);
    return 0;
  }

  /** Newest first. */
  #sessions(search: URLSearchParams, now: number): Answer {
    const query = readSessionQuery(search, now);
    if (typeof query === 'string') return refusal(400, 'invalid_argument', query);
    const { shelf } = this.#cloud;
    const first = shelf.countBefore(query.from);
    const end = Math.min(shelf.countUntil(now), shelf.countBefore(query.until)) - query.page * query.limit;
    const sessions = shelf.sorted.slice(Math.max(first, end - query.limit), Math.max(first, end));
    return jsonAnswer(200, {
      sessions: sessions.reverse().map((session) => sessionRow(session.readAt(now))),
    });
  }

  #rooms(now: number): Answer {
    const running = this.#begunBy(now).filter(({ endsAt }) => now < endsAt);
    return jsonAnswer(200, { rooms: running.map((session) => roomNow(session, now)) });
  }

  /** Running ones, and those that ended in the last day. */
  #egresses(now: number): Answer {
    const recent = this.#begunBy(now).filter(({ endsAt }) => now - endsAt < daySeconds);
    return jsonAnswer(200, { items: recent.flatMap((session) => egressOf(session, now) ?? []) });
  }

  #begunBy(now: number): readonly SimulatedSession[] {
    const { shelf } = this.#cloud;
    return shelf.sorted.slice(0, shelf.countUntil(now));
  }

  #details(sessionId: string, now: number): Answer {
    const session = this.#cloud.session(sessionId);
    if (!session || session.startsAt > now) return refusal(404, 'not_found', 'there is no such session');
    return jsonAnswer(200, sessionDetails(session, now));
  }
}
