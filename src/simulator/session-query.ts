// Reads the query of a list request as strictly as the API documents it.
import { queryParameters } from '../livekit/wire/wire.ts';
import { earliestListed } from './session-shelf.ts';

export interface SessionQuery {
  /** Counts from 0. */
  readonly page: number;
  readonly limit: number;
  /** Sessions that start from here on (Unix seconds). */
  readonly from: number;
  /** And before this; Infinity without `end`. */
  readonly until: number;
}

const defaultLimit = 100;
/** Larger limits are answered with pages of so many rows. */
const mostRows = 1000;

/** The query at a time (Unix seconds), or what is wrong with it. */
export function readSessionQuery(search: URLSearchParams, now: number): SessionQuery | string {
  const page = wholeNumber(search.get(queryParameters.page) ?? '0');
  if (page === undefined) return 'page must be a whole number from 0 on';
  const limit = wholeNumber(search.get(queryParameters.limit) ?? String(defaultLimit));
  if (limit === undefined || limit === 0) return 'limit must be a whole number from 1 on';

  const earliest = earliestListed(now);
  const start = search.get(queryParameters.start);
  const from = start === null ? earliest : utcDayStart(start);
  if (from === undefined) return 'start must be a date, YYYY-MM-DD';
  if (from < earliest) return 'start must be within 7 days of the current date';

  const end = search.get(queryParameters.end);
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
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const milliseconds = Date.parse(`${text}T00:00:00Z`);
  const exists = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
  return exists ? milliseconds / 1000 : undefined;
}
