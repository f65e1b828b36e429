// What can be made to go wrong, as orders; which of them are in force, and whom they hit. Answering is for others.
import type { Endpoint } from '../../src/livekit/client/api-request.ts';
import type { BreakageName, DetailsBreakage } from './broken-answers.ts';

/** Which requests an order is for. */
export interface FaultScope {
  /** So many requests, then the order is done; absent: until the orders are cleared. */
  readonly times?: number;
  /** 0 to 1: of the requests it is for, how many are hit, spread evenly. Default 1. */
  readonly share?: number;
  /** Only these pages of the list. */
  readonly pages?: readonly number[];
  /** Only pages of the list that are asked for with more rows than this. */
  readonly rowsAbove?: number;
  /** Only this project id. */
  readonly project?: string;
  /** `sessions`: the list, `session`: the details of one, `rooms`, `egresses`: now. Default: all. */
  readonly endpoint?: Endpoint;
  /** Only the details of this session. */
  readonly session?: string;
}

/** Answers that come instead of the true one, before anything is checked. */
export type Replacement =
  /** An HTTP error; the default body is LiveKit's form of an error. Retry-After in seconds or as a date. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly retryAfterSeconds?: number;
      readonly retryAfterForm?: 'seconds' | 'date';
    }
  /** 401 or 403 as a project without the Scale plan gets it. */
  | { readonly kind: 'scale_plan'; readonly status: 401 | 403 }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** Valid JSON that is not a list of sessions. */
  | { readonly kind: 'wrong_shape'; readonly shape: WrongShape }
  /** A web page; with status 200 by default. */
  | { readonly kind: 'html'; readonly status?: number }
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: 301 | 302 | 303 | 307 | 308 }
  /** So many bytes of JSON; as a bomb they are a thousandth of that on the wire. */
  | { readonly kind: 'giant_body'; readonly bytes: number }
  | { readonly kind: 'gzip_bomb'; readonly bytes: number };

/** What happens to the true answer on its way. */
export type Mishap =
  /** A few bytes at a time. */
  | { readonly kind: 'slow_body'; readonly chunkBytes: number; readonly pauseMilliseconds: number }
  /** `connection`: Content-Length promises more than is sent; `json`: correctly framed, cut off in the middle. */
  | { readonly kind: 'truncated_body'; readonly cut: 'connection' | 'json' };

/** What happens to the list, whose answer is otherwise in order. */
export type Disorder =
  /** The first rows of the page; `each_in_turn` breaks each of them another way. */
  | { readonly kind: 'broken_rows'; readonly breakage: BreakageName | 'each_in_turn'; readonly rows: number }
  /**
   * As if between a page and the next so many sessions were inserted before (their rows come twice) or removed
   * (others are missing). Depends on the page only, so pages may be asked for in any order.
   */
  | { readonly kind: 'shifting_pages'; readonly change: 'inserted' | 'removed'; readonly sessions: number }
  /** Ignores `page`: the list never ends. */
  | { readonly kind: 'endless_pages' }
  /**
   * The participants of a session are wrong: nobody, only the first half of them (an answer shrinks when the one before
   * was whole), the first one without a time, everybody twice, or each of their connections twice.
   */
  | { readonly kind: 'broken_details'; readonly breakage: DetailsBreakage };

export const wrongShapes = {
  array: [],
  string: 'sessions',
  number: 0,
  null: null,
  empty_object: {},
  sessions_null: { sessions: null },
  sessions_string: { sessions: 'none' },
  sessions_object: { sessions: { RM_1: {} } },
} as const;

export type WrongShape = keyof typeof wrongShapes;

export type FaultOrder = FaultScope & (Replacement | Mishap | Disorder);

/** A request as the orders see it. */
export interface FaultTarget {
  readonly project: string;
  readonly endpoint: Endpoint;
  /** Of the list; undefined for a session's details. */
  readonly page: number | undefined;
  /** Rows that the page is asked for; undefined for a session's details. */
  readonly rows: number | undefined;
  /** Whose details are asked for; undefined for the list. */
  readonly session: string | undefined;
}

/** What hits one request: at most one replacement, one mishap and one disorder of each kind. */
export interface Strike {
  readonly replacement: Replacement | undefined;
  readonly mishap: Mishap | undefined;
  readonly disorders: readonly Disorder[];
}

interface Standing {
  readonly order: FaultOrder;
  /** Requests it was for, and those of them it hit. */
  seen: number;
  hits: number;
}

type Effect = 'replacement' | 'mishap' | 'disorder';

const effects: Readonly<Record<FaultOrder['kind'], Effect>> = {
  status: 'replacement',
  scale_plan: 'replacement',
  hang: 'replacement',
  reset: 'replacement',
  wrong_shape: 'replacement',
  html: 'replacement',
  redirect: 'replacement',
  giant_body: 'replacement',
  gzip_bomb: 'replacement',
  slow_body: 'mishap',
  truncated_body: 'mishap',
  broken_rows: 'disorder',
  shifting_pages: 'disorder',
  endless_pages: 'disorder',
  broken_details: 'disorder',
};

export class Faults {
  #standing: Standing[] = [];

  /** From now on; earlier orders go first. */
  order(...orders: readonly FaultOrder[]): void {
    this.#standing.push(...orders.map((order) => ({ order, seen: 0, hits: 0 })));
  }

  clear(): void {
    this.#standing = [];
  }

  /** The orders in force and how many requests each has hit. */
  list(): { readonly order: FaultOrder; readonly hits: number }[] {
    return this.#standing.map(({ order, hits }) => ({ order, hits }));
  }

  /** What hits a request; counts it against the orders that do. */
  strike(target: FaultTarget): Strike {
    const hitting: Record<Effect, FaultOrder[]> = { replacement: [], mishap: [], disorder: [] };
    for (const standing of this.#standing) {
      const effect = effects[standing.order.kind];
      const taken = hitting[effect].some(({ kind }) => effect !== 'disorder' || kind === standing.order.kind);
      if (!taken && isFor(standing.order, target) && hits(standing)) hitting[effect].push(standing.order);
    }
    this.#standing = this.#standing.filter((standing) => standing.hits < (standing.order.times ?? Infinity));
    return {
      replacement: hitting.replacement[0] as Replacement | undefined,
      mishap: hitting.mishap[0] as Mishap | undefined,
      disorders: hitting.disorder as readonly Disorder[],
    };
  }
}

function isFor({ project, endpoint, session, pages, rowsAbove }: FaultOrder, target: FaultTarget): boolean {
  if (project !== undefined && project !== target.project) return false;
  if (endpoint !== undefined && endpoint !== target.endpoint) return false;
  if (session !== undefined && session !== target.session) return false;
  if (rowsAbove !== undefined && !(target.rows !== undefined && target.rows > rowsAbove)) return false;
  return pages === undefined || (target.page !== undefined && pages.includes(target.page));
}

/** Spreads a share evenly: of any n requests in a row it hits n times the share, give or take one. */
function hits(standing: Standing): boolean {
  const { share = 1 } = standing.order;
  const before = Math.floor(standing.seen * share);
  standing.seen++;
  if (Math.floor(standing.seen * share) === before) return false;
  standing.hits++;
  return true;
}
