// Reads the query of a list request as strictly as the API documents it.
import { queryParameters } from '../livekit/wire/wire.ts';
import { daySeconds, earliestListed } from './window.ts';

export interface SessionQuery {
  /** Counts from 0. */
  readonly page: number;
  readonly limit: number;
  /** Sessions that start from here on (Unix seconds). */
  readonly from: number;
  /** And before this; Infinity without `end`. */
  readonly until: number;
}

export interface QueryRules {
  readonly now: number;
  /** Larger limits are answered with pages of so many rows. */
  readonly pageSizeCap: number;
  /** Whether the day `end` belongs to the range: the documentation says yes, LiveKit's newer clients no. */
  readonly endInclusive: boolean;
}

const defaultLimit = 100;

/** The query, or what is wrong with it. */
export function readSessionQuery(search: URLSearchParams, rules: QueryRules): SessionQuery | string {
  const page = wholeNumber(search.get(queryParameters.page) ?? '0');
  if (page === undefined) return 'page must be a whole number from 0 on';
  const limit = wholeNumber(search.get(queryParameters.limit) ?? String(defaultLimit));
  if (limit === undefined || limit === 0) return 'limit must be a whole number from 1 on';

  const earliest = earliestListed(rules.now);
  const start = search.get(queryParameters.start);
  const from = start === null ? earliest : utcDayStart(start);
  if (from === undefined) return 'start must be a date, YYYY-MM-DD';
  if (from < earliest) return 'start must be within 7 days of the current date';

  const end = search.get(queryParameters.end);
  const lastDay = end === null ? Infinity : utcDayStart(end);
  if (lastDay === undefined) return 'end must be a date, YYYY-MM-DD';
  if (lastDay < from) return 'end must not be before start';
  const until = rules.endInclusive ? lastDay + daySeconds : lastDay;
  return { page, limit: Math.min(limit, rules.pageSizeCap), from, until };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Unix seconds of the start of a day that exists. */
function utcDayStart(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  const exists = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
  return exists ? milliseconds / 1000 : undefined;
}
