// Finds out with a few requests how long a project's session list is and where its open sessions are, and estimates from
// that what a poll needs: what SessionReader does, on average.
import type { SessionRow } from '../../core/session-row.ts';
import { SourceError } from '../../core/source-error.ts';
import { finished } from '../../core/steps.ts';
import { isActive } from '../../core/tracked-session.ts';
import { dormantSeconds } from '../../core/watched-sessions.ts';
import { daySeconds, startOfDay } from '../wire/wire.ts';
import { type ListedPage, orderOf, rowsOfPage, type RowOrder } from './listed-page.ts';
import { endless, fixedPages, longestList } from './page-plan.ts';
import { goodShare, type PageRows } from './page-size.ts';
import { relistingSeconds } from './relisting.ts';
import { countNews, refusesDay, type SessionList } from './session-list.ts';

export interface SurveyOptions {
  readonly list: SessionList;
  readonly pageSize: number;
  /** The list is asked for from the UTC day of this time on, Unix seconds. */
  readonly windowStart: number;
  /** At least 1. */
  readonly mostRequests: number;
  readonly signal: AbortSignal;
}

export interface ListSurvey {
  /** Pages that have rows; more than that when it is not `complete`. */
  readonly pages: number;
  readonly complete: boolean;
  /** The pages that were looked at and have rows, in the order of the list. */
  readonly seen: readonly ListedPage[];
}

/** Rejected with a SourceError, as a poll is, or with the signal's reason. */
export async function surveyList(options: SurveyOptions): Promise<ListSurvey> {
  try {
    return await survey(options);
  } catch (error) {
    if (!refusesDay(error)) throw error;
    const windowStart = startOfDay(options.windowStart) + daySeconds;
    return survey({ ...options, windowStart, mostRequests: options.mostRequests - 1 });
  }
}

/** Doubles the page number until a page is empty, then searches for the last one that is not. */
async function survey(options: SurveyOptions): Promise<ListSurvey> {
  const { list, windowStart: from, pageSize, mostRequests, signal } = options;
  const seen: ListedPage[] = [];
  const sessionIds = new Set<string>();
  let last = -1;
  let empty = Infinity;
  for (let requests = 0; requests < mostRequests && empty - last > 1; requests++) {
    const further = last < 0 ? 0 : Math.min(2 * last || 1, longestList);
    const page = empty < Infinity ? Math.floor((last + empty) / 2) : further;
    const plan = fixedPages([page]);
    const [listed] = await list.readPages({ from, pageSize, plan, retryTimeouts: true, signal });
    if (!listed) {
      empty = page;
      continue;
    }
    last = page;
    // Rows can shift between pages while they are read, but never whole pages.
    if (countNews(listed, sessionIds) === 0)
      throw endless(`page ${page} held no session that was not on one before`);
    seen.push(listed);
    if (last === longestList) throw endless(`the list goes on after ${longestList} pages`);
  }
  seen.sort((a, b) => a.page - b.page);
  return { pages: last + 1, complete: empty - last === 1, seen };
}

/**
 * The requests of one poll once the whole window has been listed, undefined when what was seen does not tell. `now` in Unix
 * seconds, `interval` in seconds; pages of the polls have `times` as many rows as those of the survey.
 */
export function estimatePoll(survey: ListSurvey, now: number, interval: number, times = 1) {
  const [order = 'none' as const] = finished(orderOf(survey.seen)).orders;
  if (survey.seen.length === 0 && !survey.complete) return { order, requestsNeeded: undefined };
  const open = survey.seen.flatMap(({ rows }) => rows).filter((row) => isOpen(row, now));
  const oldestDay = startOfDay(Math.min(now, ...open.map(({ createdAt }) => createdAt)));
  // Only an empty page is the end.
  if (order === 'none')
    return { order, requestsNeeded: Math.ceil(pagesSince(survey, oldestDay) / times) + 1 };
  if (order === 'oldest_first' && !survey.complete) return { order, requestsNeeded: undefined };

  const newest = interpolated(survey, ({ rows }) => Math.max(...rows.map(({ createdAt }) => createdAt)));
  const changed = Math.max(1, pagesWithOpen(survey, now, times));
  const ofDays = newest.filter((start) => start >= oldestDay).length / times;
  const relisted = Math.max(0, ofDays - changed) * (interval / relistingSeconds);
  return { order, requestsNeeded: Math.round(changed + relisted) };
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

/** Estimates how many pages would hold an open session if they had `times` as many rows. */
function pagesWithOpen(survey: ListSurvey, now: number, times: number): number {
  const rowsPerPage = Math.max(0, ...survey.seen.map(rowsOfPage));
  const openShare = ({ rows }: ListedPage) =>
    rows.filter((row) => isOpen(row, now)).length / Math.max(1, rows.length);
  const likely = interpolated(survey, openShare).map((share) => 1 - (1 - share) ** rowsPerPage);
  for (const page of survey.seen) likely[page.page] = openShare(page) > 0 ? 1 : 0;
  const without: number[] = [];
  for (const [page, share] of likely.entries()) {
    const larger = Math.floor(page / times);
    without[larger] = (without[larger] ?? 1) * (1 - share);
  }
  return without.reduce((sum, share) => sum + 1 - share, 0);
}

/** The pages that polls can be expected to ask for, and why no larger ones. */
export interface ExpectedPages {
  readonly rows: number;
  readonly because: 'configured' | 'the list is short' | 'in time' | 'slow' | 'capped';
}

/** Asks for one of the largest pages, unless the list is too short for it or the size is configured. */
export async function expectPages(
  { list, windowStart, signal }: Pick<SurveyOptions, 'list' | 'windowStart' | 'signal'>,
  { pages }: ListSurvey,
  pageSize: PageRows,
  requestTimeout: number,
): Promise<ExpectedPages> {
  const { first, largest } = pageSize;
  if (first === largest) return { rows: first, because: 'configured' };
  if ((pages - 1) * first < largest) return { rows: first, because: 'the list is short' };
  try {
    const asked = { from: windowStart, pageSize: largest, plan: fixedPages([0]), signal };
    const [page] = await list.readPages({ ...asked, retryTimeouts: false });
    const rows = rowsOfPage(page);
    if (rows < largest) return { rows: Math.max(rows, first), because: 'capped' };
    const isGood = (page?.seconds ?? 0) <= goodShare * requestTimeout;
    return isGood ? { rows: largest, because: 'in time' } : { rows: first, because: 'slow' };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { rows: first, because: 'slow' };
  }
}

/** A value for each page of the list, interpolated for pages that were not seen. */
function interpolated({ pages, seen }: ListSurvey, valueOf: (page: ListedPage) => number): number[] {
  const known = seen.map((page) => ({ page: page.page, value: valueOf(page) }));
  return Array.from({ length: pages }, (_, page) => {
    const after = known.find((one) => one.page >= page) ?? known.at(-1);
    const before = known.findLast((one) => one.page <= page) ?? after;
    if (!before || !after) return 0;
    const share = after === before ? 0 : (page - before.page) / (after.page - before.page);
    return before.value + (after.value - before.value) * share;
  });
}

/**
 * Sessions with somebody in them now, whose details are read again and again, and those that end in a minute, in the mean of the
 * window. `now` in Unix seconds, `window` in seconds: what was surveyed.
 */
export function estimateDetails(survey: ListSurvey, order: RowOrder | 'none', now: number, window: number) {
  const count = (is: (row: SessionRow) => boolean) => {
    const counts = ({ rows }: ListedPage) => rows.filter(is).length;
    if (order !== 'none') return interpolated(survey, counts).reduce((sum, rows) => sum + rows, 0);
    // All pages are like those that were seen.
    const rows = survey.seen.reduce((sum, page) => sum + counts(page), 0);
    return (rows * survey.pages) / Math.max(1, survey.seen.length);
  };
  const active = count((row) => isActive({ row, readAt: now }));
  return { active: Math.round(active), endedPerMinute: (count(({ endedAt }) => endedAt > 0) * 60) / window };
}
