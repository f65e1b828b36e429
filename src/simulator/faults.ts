// The faults in force and whom they hit. Decides; answering is for others.
import {
  readFaultOrder,
  type Disorder,
  type FaultOrder,
  type Mishap,
  type Replacement,
} from './fault-orders.ts';

/** A request as the orders see it. */
export interface FaultTarget {
  readonly project: string;
  readonly endpoint: 'sessions' | 'session';
  /** Of the list; undefined for a session's details. */
  readonly page: number | undefined;
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

  /** From now on; earlier orders go first. Throws a SimulatorOptionError for an order that cannot be. */
  order(...orders: readonly FaultOrder[]): void {
    const checked = orders.map((order) => ({ order: readFaultOrder(order), seen: 0, hits: 0 }));
    this.#standing.push(...checked);
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

function isFor({ project, endpoint, session, pages }: FaultOrder, target: FaultTarget): boolean {
  if (project !== undefined && project !== target.project) return false;
  if (endpoint !== undefined && endpoint !== target.endpoint) return false;
  if (session !== undefined && session !== target.session) return false;
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
