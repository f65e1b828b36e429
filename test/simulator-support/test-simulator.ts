// The simulated API as tests want it: it makes faults that are ordered, spells its answers in every way of the wire format,
// lists in any order, remembers requests and knows the truth.
import type { Endpoint } from '../../src/livekit/client/api-request.ts';
import {
  jsonAnswer,
  readSessionQuery,
  refusal,
  type Answer,
  type SimulatedRequest,
} from '../../src/simulator/project-api.ts';
import { sessionRow } from '../../src/simulator/session-answers.ts';
import {
  startSimulator as startTrueSimulator,
  type Intercept,
  type Simulator as TrueSimulator,
  type SimulatorOptions as TrueSimulatorOptions,
} from '../../src/simulator/server.ts';
import { daySeconds, serverPaths } from '../../src/livekit/wire/wire.ts';
import { breakDetails, breakRows } from './broken-answers.ts';
import { Faults, type Disorder } from './faults.ts';
import { deliverWithMishap, misbehave, plainReplacement } from './misbehavior.ts';
import { RowOrder, type RowOrderName } from './row-order.ts';
import {
  documentedSpelling,
  mixedSpelling,
  respelled,
  saidTime,
  type WireObject,
  type WireSpelling,
} from './spelling.ts';
import { truthOf, type ProjectTruth, type TruthOptions } from './truth.ts';

export interface SimulatorOptions extends Omit<TrueSimulatorOptions, 'intercept'> {
  /** Default: as documented. `mixed`: of each session another. */
  readonly spelling?: WireSpelling | 'mixed';
  /** Older answers lack the region, the location, the type of connection and the SDK of a participant. */
  readonly details?: AnswerAge;
  /** Default: newest first. */
  readonly rowOrder?: RowOrderName;
  /** Larger limits are answered with pages of so many rows. Default 1000. */
  readonly pageSizeCap?: number;
  /** Whether the day `end` belongs to the range: the documentation says yes, LiveKit's newer clients no. */
  readonly endInclusive?: boolean;
  /** Before every answer. Default 0. */
  readonly latencyMilliseconds?: number;
  /** Whether `/sessions/` is the same as `/sessions`. Default true. */
  readonly slashTolerant?: boolean;
}

export type AnswerAge = 'newer' | 'older';

export interface LoggedRequest {
  /** Unix seconds. */
  readonly time: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly project: string;
  readonly endpoint: Endpoint;
  /** As it was sent; undefined when it was not. */
  readonly page: string | undefined;
  readonly limit: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
}

export interface Simulator extends TrueSimulator {
  readonly faults: Faults;
  /** Requests to the API, oldest first, without their tokens. */
  readonly requests: readonly LoggedRequest[];
  /** The truth of a project, knowing how its rows are spelled and what its details leave out. */
  truth(projectId: string, now: number, options?: TruthOptions): ProjectTruth;
}

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { now, latencyMilliseconds = 0, spelling = documentedSpelling, details = 'newer' } = options;
  const faults = new Faults();
  const requests: LoggedRequest[] = [];
  const rowOrder = new RowOrder(options.rowOrder ?? 'newest_first');
  const spellingOf = (sessionId: string) => (spelling === 'mixed' ? mixedSpelling(sessionId) : spelling);
  const cloudOf = (projectId: string) => options.projects.find(({ id }) => id === projectId)?.cloud;

  const intercept: Intercept = async (request, answer) => {
    const { incoming, response, url, projectId, endpoint } = request;
    if (url.pathname.endsWith('/') && options.slashTolerant === false)
      return refusal(404, 'not_found', 'there is no such path');
    requests.push(logged(request, now()));
    if (latencyMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, latencyMilliseconds));
    const { replacement, mishap, disorders } = faults.strike({
      project: projectId,
      endpoint,
      page: endpoint === 'sessions' ? Number(url.searchParams.get('page') ?? 0) : undefined,
      rows: endpoint === 'sessions' ? Number(url.searchParams.get('limit') ?? 0) : undefined,
      session: endpoint === 'session' ? request.sessionId : undefined,
    });
    if (replacement) {
      const plain = plainReplacement(replacement, now());
      if (!plain) {
        misbehave(replacement, incoming, response);
        return undefined;
      }
      return delivered(plain);
    }
    return delivered(altered(request, await answer(), disorders));

    function delivered(whole: Answer): Answer | undefined {
      if (!mishap) return whole;
      deliverWithMishap(response, whole, mishap);
      return undefined;
    }
  };

  function altered(request: SimulatedRequest, answer: Answer, disorders: readonly Disorder[]): Answer {
    if (answer.status !== 200 || request.endpoint in serverPaths) return answer;
    const content = JSON.parse(answer.body) as WireObject;
    const { endpoint, sessionId } = request;
    if (endpoint === 'session') {
      const order = disorders.find((disorder) => disorder.kind === 'broken_details');
      const said = respelled(details === 'older' ? withoutKinds(content) : content, spellingOf(sessionId));
      return jsonAnswer(200, order ? breakDetails(said, order.breakage) : said);
    }
    const rows = (listed(request, disorders) ?? (content['sessions'] as WireObject[])).map((row) =>
      respelled(row, spellingOf(String(row['sessionId']))),
    );
    const order = disorders.find((disorder) => disorder.kind === 'broken_rows');
    return jsonAnswer(200, { sessions: order ? breakRows(rows, order.breakage, order.rows) : rows });
  }

  /** The page when it is another than the API's; undefined when it is not. */
  function listed(
    { url, projectId }: SimulatedRequest,
    disorders: readonly Disorder[],
  ): WireObject[] | undefined {
    const { pageSizeCap = 1000, endInclusive = false } = options;
    const isOther = [options.rowOrder, options.pageSizeCap, options.endInclusive].some(
      (option) => option !== undefined,
    );
    const query = readSessionQuery(url.searchParams, now());
    const cloud = cloudOf(projectId);
    if ((!isOther && disorders.length === 0) || typeof query === 'string' || !cloud) return undefined;
    const limit = Math.min(query.limit, pageSizeCap);
    const until = endInclusive ? query.until + daySeconds : query.until;
    const page = disorders.some(({ kind }) => kind === 'endless_pages') ? 0 : query.page;
    let position = page * limit;
    for (const disorder of disorders) {
      if (disorder.kind !== 'shifting_pages') continue;
      position += page * disorder.sessions * (disorder.change === 'inserted' ? -1 : 1);
    }
    const first = cloud.countBefore(query.from);
    const end = Math.max(first, Math.min(cloud.countUntil(now()), cloud.countBefore(until)));
    return rowOrder
      .slice(cloud, first, end, position, position + limit)
      .map((session) => JSON.parse(JSON.stringify(sessionRow(session.readAt(now())))) as WireObject);
  }

  const simulator = await startTrueSimulator({ requestsPerMinute: Infinity, ...options, intercept });
  return {
    ...simulator,
    faults,
    requests,
    truth(projectId, at, truthOptions) {
      const cloud = cloudOf(projectId);
      if (!cloud) throw new Error(`There is no project ${projectId}.`);
      const omitsZeros = (sessionId: string) => spellingOf(sessionId).zeros === 'absent';
      const detailsOf = (sessionId: string) => ({
        said: saidTime(spellingOf(sessionId)),
        saysKinds: details === 'newer',
      });
      return truthOf(cloud, at, { omitsZeros, detailsOf, ...truthOptions });
    },
  };
}

function logged({ incoming, url, projectId, endpoint }: SimulatedRequest, time: number): LoggedRequest {
  const query = (name: string) => url.searchParams.get(name) ?? undefined;
  return {
    time,
    method: incoming.method ?? '',
    path: url.pathname,
    project: projectId,
    endpoint,
    page: query('page'),
    limit: query('limit'),
    start: query('start'),
    end: query('end'),
  };
}

/** Without what only newer answers say of participants. */
export function withoutKinds(details: WireObject): WireObject {
  const participants = (details['participants'] as WireObject[]).map(
    ({ region: _r, location: _l, connectionType: _c, sdkVersion: _s, ...participant }) => participant,
  );
  return { ...details, participants };
}
