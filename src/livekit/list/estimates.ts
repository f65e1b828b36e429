// How many requests a poll of a list takes, and how many sessions have details to be read, going by a survey of the list.
// What SessionReader does, in averages.
import type { SessionRow } from '../../core/session-row.ts';
import { isActive } from '../../core/tracked-session.ts';
import type { ListSurvey } from './list-survey.ts';
import { type ListedPage, orderOf, rowsOfPage, type RowOrder } from './listed-page.ts';
import { startOfDay } from '../wire/wire.ts';

export interface PollEstimate {
  /** Of one poll once the whole window has been listed; undefined when what was seen does not tell. */
  readonly requestsNeeded: number | undefined;
  /** `none` when the rows are in no order of their starts. */
  readonly order: RowOrder | 'none';
}

/** An open session that nobody has been in for this long is not looked for in every poll. */
const dormantSeconds = 3600;
/** In so many seconds all days with open sessions are listed again. */
const relistingSeconds = 540;

/** `now` in Unix seconds, `interval` the seconds between polls. */
export function estimatePoll(survey: ListSurvey, now: number, interval: number): PollEstimate {
  const order = orderOfPages(survey.seen);
  if (survey.seen.length === 0 && !survey.complete) return { order, requestsNeeded: undefined };
  const open = survey.seen.flatMap(({ rows }) => rows).filter((row) => isOpen(row, now));
  const oldestDay = startOfDay(Math.min(now, ...open.map(({ createdAt }) => createdAt)));
  // Only an empty page is the end.
  if (order === 'none') return { order, requestsNeeded: Math.ceil(pagesSince(survey, oldestDay)) + 1 };
  if (order === 'oldest_first' && !survey.complete) return { order, requestsNeeded: undefined };

  const fromNewest = placesFromNewest(survey, order, now);
  const pagesOpen = fromNewest.reduce((sum, { openShare }) => sum + openShare, 0);
  const changed = Math.max(1, pagesOpen);
  const ofDays = fromNewest.filter(({ newest }) => newest >= oldestDay).length;
  const relisted = Math.max(0, ofDays - changed) * (interval / relistingSeconds);
  return { order, requestsNeeded: Math.round(changed + relisted) };
}

function orderOfPages(pages: readonly ListedPage[]): RowOrder | 'none' {
  const steps = orderOf(pages);
  let step = steps.next();
  while (!step.done) step = steps.next();
  const [order] = step.value.orders;
  return order ?? 'none';
}

function isOpen({ endedAt, activeParticipants, lastActive }: SessionRow, now: number): boolean {
  return endedAt === 0 && (activeParticipants !== 0 || now - lastActive < dormantSeconds);
}

/** Pages of a list without an order that hold what started since then, as if it were sorted. */
function pagesSince({ pages, seen }: ListSurvey, time: number): number {
  const rows = seen.flatMap((page) => page.rows);
  if (rows.length === 0) return pages;
  return (pages * rows.filter(({ createdAt }) => createdAt >= time).length) / rows.length;
}

/** What is to be expected of a page. */
interface Place {
  /** From 0 to 1: how likely it holds an open session. */
  readonly openShare: number;
  /** The newest start on it, Unix seconds. */
  readonly newest: number;
}

/** All pages, that with the newest sessions first. What lies between two pages that were seen is between them in all. */
function placesFromNewest({ pages, seen }: ListSurvey, order: RowOrder, now: number): Place[] {
  const rowsPerPage = Math.max(0, ...seen.map(rowsOfPage));
  const known = seen.map(({ page, rows }) => ({
    place: order === 'newest_first' ? page : pages - 1 - page,
    open: rows.filter((row) => isOpen(row, now)).length / Math.max(1, rows.length),
    newest: Math.max(...rows.map(({ createdAt }) => createdAt)),
  }));
  known.sort((a, b) => a.place - b.place);
  return Array.from({ length: pages }, (_, place) => {
    const after = known.find((one) => one.place >= place) ?? known.at(-1);
    const before = known.findLast((one) => one.place <= place) ?? after;
    if (!before || !after) return { openShare: 0, newest: -Infinity };
    if (before === after) return { openShare: before.open > 0 ? 1 : 0, newest: before.newest };
    const share = (place - before.place) / (after.place - before.place);
    const between = (from: number, to: number) => from + (to - from) * share;
    return {
      openShare: 1 - (1 - between(before.open, after.open)) ** rowsPerPage,
      newest: between(before.newest, after.newest),
    };
  });
}

export interface DetailsEstimate {
  /** Sessions with somebody in them now: their details are read again and again. */
  readonly active: number;
  /** Sessions that end in a minute, in the mean of the window. */
  readonly endedPerMinute: number;
}

/** `now` in Unix seconds, `window` in seconds: what was surveyed. */
export function estimateDetails(
  survey: ListSurvey,
  order: RowOrder | 'none',
  now: number,
  window: number,
): DetailsEstimate {
  const count = order === 'none' ? countAnywhere : countInOrder;
  const active = count(survey, (row) => isActive({ row, readAt: now }));
  const ended = count(survey, ({ endedAt }) => endedAt > 0);
  return { active: Math.round(active), endedPerMinute: (ended * 60) / window };
}

type Is = (row: SessionRow) => boolean;

/** All pages are like those that were seen. */
function countAnywhere({ pages, seen }: ListSurvey, is: Is): number {
  return (seen.flatMap(({ rows }) => rows).filter(is).length * pages) / Math.max(1, seen.length);
}

/** What lies between two pages that were seen is between them. */
function countInOrder({ pages, seen }: ListSurvey, is: Is): number {
  const known = seen.map(({ page, rows }) => ({ page, count: rows.filter(is).length }));
  let sum = 0;
  for (let page = 0; page < pages; page++) {
    const after = known.find((one) => one.page >= page) ?? known.at(-1);
    const before = known.findLast((one) => one.page <= page) ?? after;
    if (!before || !after) return 0;
    const share = after === before ? 0 : (page - before.page) / (after.page - before.page);
    sum += before.count + (after.count - before.count) * share;
  }
  return sum;
}
