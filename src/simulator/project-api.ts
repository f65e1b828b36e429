// The Analytics API of one project: from a request's parts to an answer. Sends nothing itself.
import { accessCheck, type CheckAccess } from './access.ts';
import { jsonAnswer, refusal, type Answer } from './answer.ts';
import type { SimulatedCloud } from './cloud.ts';
import { sessionDetails, sessionRow } from './session-answers.ts';
import { readSessionQuery } from './session-query.ts';

export interface SimulatedProject {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly cloud: SimulatedCloud;
}

export interface ApiRequest {
  /** Undefined: the list. */
  readonly sessionId: string | undefined;
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

  async answer({ sessionId, search, authorization, now, tokenNow }: ApiRequest): Promise<Answer> {
    const tooEarly = this.#admit(now);
    if (tooEarly > 0)
      return refusal(429, 'resource_exhausted', 'too many requests', { 'Retry-After': String(tooEarly) });
    const refused = await this.#checkAccess(authorization, tokenNow);
    if (refused) return refused;
    this.#cloud.advanceTo(now);
    return sessionId === undefined ? this.#list(search, now) : this.#details(sessionId, now);
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
  #list(search: URLSearchParams, now: number): Answer {
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

  #details(sessionId: string, now: number): Answer {
    const session = this.#cloud.session(sessionId);
    if (!session || session.startsAt > now) return refusal(404, 'not_found', 'there is no such session');
    return jsonAnswer(200, sessionDetails(session, now));
  }
}
