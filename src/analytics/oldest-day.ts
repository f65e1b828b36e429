// What to do about the oldest day that the API may be asked for: implementations differ on which one it is.
import type { SessionPage } from '../core/session-row.ts';
import { RequestFailure } from './request-failure.ts';

export interface DayListing {
  /** Unix seconds: the listing starts with the UTC day of this time. */
  readonly from: number;
  readonly onPage: (page: SessionPage) => void;
}

const daySeconds = 86_400;
/** Days back that no API refuses: 7 are documented. */
const safeDays = 6;

/** Whole UTC days from the day of `from` to the day of `to`, both in Unix seconds. */
export function utcDaysBetween(from: number, to: number): number {
  return Math.floor(to / daySeconds) - Math.floor(from / daySeconds);
}

/**
 * Lists from the day of `from`, or else from the day after it, when the API refuses the first as too long ago:
 * its clock may be past midnight already, or it compares times where it documents days. `now` in Unix seconds.
 */
export async function listFromOldestDay<Listing extends DayListing>(
  listing: Listing,
  now: number,
  list: (listing: Listing) => Promise<void>,
): Promise<void> {
  const { from, onPage } = listing;
  let anyPage = false;
  const onAnyPage = (page: SessionPage) => {
    anyPage = true;
    onPage(page);
  };
  try {
    await list({ ...listing, onPage: onAnyPage });
  } catch (error) {
    const isRefusal = error instanceof RequestFailure && error.status === 400;
    if (!isRefusal || anyPage || utcDaysBetween(from, now) <= safeDays) throw error;
    await list({ ...listing, from: from + daySeconds });
  }
}
