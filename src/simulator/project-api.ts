// The Analytics API of one project: from a request's parts to an answer. Sends nothing itself.
import { accessCheck, type CheckAccess } from './access.ts';
import { jsonAnswer, refusal, type Answer } from './answer.ts';
import { breakDetails } from './broken-details.ts';
import { breakRows } from './broken-rows.ts';
import type { SimulatedCloud } from './cloud.ts';
import type { Disorder } from './fault-orders.ts';
import { RateLimit } from './rate-limit.ts';
import { scalePlanMessage } from './replacement.ts';
import { RowOrder, type RowOrderName } from './row-order.ts';
import { spellDetails, type AnswerAge } from './session-details.ts';
import { readSessionQuery, type SessionQuery } from './session-query.ts';
import type { SimulatedSession } from './simulated-session.ts';
import type { ProjectTruth, TruthOptions } from './truth.ts';
import { mixedSpelling, saidTime, spellRow, type WireSpelling } from './wire-format.ts';

export interface SimulatedProject {
  readonly id: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly cloud: SimulatedCloud;
  /** Without it every request is refused with 403. Default true. */
  readonly scalePlan?: boolean;
}

/** How the API answers, the same for every project of a server. */
export interface ApiHabits {
  readonly spelling: WireSpelling | 'mixed';
  readonly details: AnswerAge;
  readonly rowOrder: RowOrderName;
  readonly pageSizeCap: number;
  readonly endInclusive: boolean;
  /** Of each project; Infinity: no limit. */
  readonly requestsPerMinuteLimit: number;
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
  readonly disorders: readonly Disorder[];
}

export class ProjectApi {
  readonly #project: SimulatedProject;
  readonly #habits: ApiHabits;
  readonly #checkAccess: CheckAccess;
  readonly #rateLimit: RateLimit;
  readonly #rowOrder: RowOrder;

  private constructor(project: SimulatedProject, habits: ApiHabits, checkAccess: CheckAccess) {
    this.#project = project;
    this.#habits = habits;
    this.#checkAccess = checkAccess;
    this.#rateLimit = new RateLimit(habits.requestsPerMinuteLimit);
    this.#rowOrder = new RowOrder(habits.rowOrder);
  }

  static async open(project: SimulatedProject, habits: ApiHabits): Promise<ProjectApi> {
    return new ProjectApi(project, habits, await accessCheck(project.apiKey, project.apiSecret));
  }

  /** Like the cloud's own truth, but knowing how rows and details are spelled and what they leave out. */
  truth(now: number, options: TruthOptions = {}): ProjectTruth {
    const omitsZeros = (sessionId: string): boolean => this.#spellingOf(sessionId).zeros === 'absent';
    const detailsOf = (sessionId: string) => ({
      said: saidTime(this.#spellingOf(sessionId)),
      saysKinds: this.#habits.details === 'newer',
    });
    return this.#project.cloud.truth(now, { omitsZeros, detailsOf, ...options });
  }

  async answer(request: ApiRequest): Promise<Answer> {
    const tooEarly = this.#rateLimit.admit(request.now);
    if (tooEarly > 0) {
      return refusal(429, 'resource_exhausted', 'too many requests', { 'Retry-After': String(tooEarly) });
    }
    const refused = await this.#checkAccess(request.authorization, request.tokenNow);
    if (refused) return refused;
    if (this.#project.scalePlan === false) return refusal(403, 'permission_denied', scalePlanMessage);
    this.#project.cloud.advanceTo(request.now);
    return request.sessionId === undefined ? this.#list(request) : this.#details(request.sessionId, request);
  }

  #list({ search, now, disorders }: ApiRequest): Answer {
    const query = readSessionQuery(search, { now, ...this.#habits });
    if (typeof query === 'string') return refusal(400, 'invalid_argument', query);
    const sessions = this.#page(query, now, disorders);
    const rows = sessions.map((session) => spellRow(session.readAt(now), this.#spellingOf(session.id)));
    const order = disorders.find((disorder) => disorder.kind === 'broken_rows');
    return jsonAnswer(200, { sessions: order ? breakRows(rows, order.breakage, order.rows) : rows });
  }

  #page(query: SessionQuery, now: number, disorders: readonly Disorder[]): readonly SimulatedSession[] {
    const { shelf } = this.#project.cloud;
    const first = shelf.countBefore(query.from);
    const end = Math.max(first, Math.min(shelf.countUntil(now), shelf.countBefore(query.until)));
    const page = disorders.some(({ kind }) => kind === 'endless_pages') ? 0 : query.page;
    let position = page * query.limit;
    for (const disorder of disorders) {
      if (disorder.kind !== 'shifting_pages') continue;
      position += page * disorder.sessions * (disorder.change === 'inserted' ? -1 : 1);
    }
    return this.#rowOrder.slice(shelf, first, end, position, position + query.limit);
  }

  #details(sessionId: string, { now, disorders }: ApiRequest): Answer {
    const session = this.#project.cloud.session(sessionId);
    if (!session || session.startsAt > now) return refusal(404, 'not_found', 'there is no such session');
    const details = spellDetails(session, now, this.#spellingOf(sessionId), this.#habits.details);
    const order = disorders.find((disorder) => disorder.kind === 'broken_details');
    return jsonAnswer(200, order ? breakDetails(details, order.breakage) : details);
  }

  #spellingOf(sessionId: string): WireSpelling {
    return this.#habits.spelling === 'mixed' ? mixedSpelling(sessionId) : this.#habits.spelling;
  }
}
