// What can be made to go wrong, as orders: their forms and the check of orders that come from outside.
import { breakageNames, type BreakageName } from './broken-rows.ts';
import {
  requireNumber,
  requireOneOf,
  requireText,
  requireWhole,
  SimulatorOptionError,
} from './option-error.ts';

/** Which requests an order is for. */
export interface FaultScope {
  /** So many requests, then the order is done; absent: until the orders are cleared. */
  readonly times?: number;
  /** 0 to 1: of the requests it is for, how many are hit, spread evenly. Default 1. */
  readonly share?: number;
  /** Only these pages of the list. */
  readonly pages?: readonly number[];
  /** Only this project id. */
  readonly project?: string;
  /** `sessions`: the list, `session`: the details of one. Default: both. */
  readonly endpoint?: 'sessions' | 'session';
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
  /** A web page with status 200. */
  | { readonly kind: 'html' }
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

export const detailsBreakages = [
  'nobody',
  'first_half',
  'first_without_times',
  'everybody_twice',
  'connections_twice',
] as const;
export type DetailsBreakage = (typeof detailsBreakages)[number];

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

type Check = (option: string, value: unknown) => unknown;
interface Field {
  readonly check: Check;
  readonly optional?: true;
}

const whole =
  (least: number, most: number): Check =>
  (option, value) =>
    requireWhole(option, value, least, most);
const oneOf =
  (...words: string[]): Check =>
  (option, value) =>
    requireOneOf(option, value, words);
const oneStatusOf =
  (...statuses: number[]): Check =>
  (option, value) => {
    if (!statuses.includes(value as number)) {
      throw new SimulatorOptionError(option, `${JSON.stringify(value)} is not one of ${statuses.join(', ')}`);
    }
  };
const bytes: Field = { check: whole(1, 2 ** 36) };

const scopeFields: Readonly<Record<string, Field>> = {
  times: { check: whole(1, 1e9), optional: true },
  share: { check: (option, value) => requireNumber(option, value, 0, 1), optional: true },
  pages: { check: requirePages, optional: true },
  project: { check: requireText, optional: true },
  endpoint: { check: oneOf('sessions', 'session'), optional: true },
  session: { check: requireText, optional: true },
};

const kindFields: Readonly<Record<FaultOrder['kind'], Readonly<Record<string, Field>>>> = {
  status: {
    status: { check: whole(400, 599) },
    body: { check: requireString, optional: true },
    retryAfterSeconds: { check: whole(0, 86_400), optional: true },
    retryAfterForm: { check: oneOf('seconds', 'date'), optional: true },
  },
  scale_plan: { status: { check: oneStatusOf(401, 403) } },
  hang: {},
  reset: {},
  wrong_shape: { shape: { check: oneOf(...Object.keys(wrongShapes)) } },
  html: {},
  redirect: {
    location: { check: requireText },
    status: { check: oneStatusOf(301, 302, 303, 307, 308), optional: true },
  },
  giant_body: { bytes },
  gzip_bomb: { bytes },
  slow_body: { chunkBytes: { check: whole(1, 1e6) }, pauseMilliseconds: { check: whole(0, 600_000) } },
  truncated_body: { cut: { check: oneOf('connection', 'json') } },
  broken_rows: {
    breakage: { check: oneOf(...breakageNames, 'each_in_turn') },
    rows: { check: whole(1, 1e6) },
  },
  shifting_pages: { change: { check: oneOf('inserted', 'removed') }, sessions: { check: whole(1, 1e6) } },
  endless_pages: {},
  broken_details: { breakage: { check: oneOf(...detailsBreakages) } },
};

/** The order, when it is one; throws a SimulatorOptionError that names what is wrong and what is allowed. */
export function readFaultOrder(value: unknown): FaultOrder {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SimulatorOptionError('fault', 'an order is an object with a kind');
  }
  const order = value as Record<string, unknown>;
  const kind = requireOneOf('kind', order.kind, Object.keys(kindFields) as FaultOrder['kind'][]);
  const fields: Readonly<Record<string, Field>> = { ...scopeFields, ...kindFields[kind] };
  for (const name of Object.keys(order)) {
    if (name !== 'kind' && !Object.hasOwn(fields, name)) {
      const allowed = ['kind', ...Object.keys(fields)].join(', ');
      throw new SimulatorOptionError(name, `a fault of kind ${kind} knows only ${allowed}`);
    }
  }
  for (const [name, { check, optional }] of Object.entries(fields)) {
    if (order[name] !== undefined) check(name, order[name]);
    else if (!optional) throw new SimulatorOptionError(name, `a fault of kind ${kind} needs it`);
  }
  return value as FaultOrder;
}

function requireString(option: string, value: unknown): void {
  if (typeof value !== 'string')
    throw new SimulatorOptionError(option, `${JSON.stringify(value)} is not a text`);
}

function requirePages(option: string, value: unknown): void {
  const valid =
    Array.isArray(value) && value.length > 0 && value.every((page) => Number.isInteger(page) && page >= 0);
  if (!valid)
    throw new SimulatorOptionError(option, `${JSON.stringify(value)} is not a list of page numbers`);
}
