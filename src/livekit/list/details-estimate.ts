// How many sessions have details to be read, going by a survey of their list.
import type { SessionRow } from '../../core/session-row.ts';
import { isActive } from '../../core/tracked-session.ts';
import type { ListSurvey } from './list-survey.ts';
import type { RowOrder } from './listed-page.ts';

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
