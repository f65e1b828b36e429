// What many polls of a project cost in requests, beside what they cannot do without.
import type { RowOrderName } from '../../test/simulator-support/row-order.ts';
import { Polls, type PolledPart } from '../../test/livekit/list/polls.ts';
import type { PageRows, PageRowsChange } from '../../src/livekit/list/page-size.ts';
import { LoadList, type ServerKind } from './load-list.ts';
import { bytesUntil, drawSessions, firstPollAt, type LoadShape } from './load.ts';

export interface PollingOptions {
  readonly shape: LoadShape;
  readonly order: RowOrderName;
  readonly requestsPerMinute: number;
  readonly server: ServerKind;
  readonly pageSize: PageRows;
  /** Polls that are counted, after those that listed the window and five minutes more. */
  readonly polls: number;
}

/** Means of the counted polls, where nothing else is said. */
export interface PollingCost {
  readonly requests: number;
  /** Rows that these requests were answered with, the last size of pages, and timeouts in an hour, those of the start included. */
  readonly rows: number;
  readonly pageRows: number;
  readonly timeoutsAnHour: number;
  /** Pages of 100 rows that hold an open session. */
  readonly pagesOpen: number;
  /** Pages of all days on which a session is open. */
  readonly pagesAll: number;
  /** Seconds since the open session read longest ago was read: the longest of all polls. */
  readonly oldestReading: number;
  /** Seconds from the start until today's sessions were published, and until the window was complete. */
  readonly firstPublished: number;
  readonly windowComplete: number;
  /** By how much the published active sessions were off; those that started or ended just now included. */
  readonly sessionsOff: number;
  /** Bytes that were counted more than there were (at most 0 when nothing is counted twice), by the end. */
  readonly bytesTooMany: number;
}

const interval = 30;
/** What pages that hold an open session are counted in. */
const countedRows = 100;
const warmUpSeconds = 300;
/** A window that takes longer is given up. */
const mostWindowSeconds = 3600;
/** Sessions arrive for so long: longer than all polls take. */
const latestEndSeconds = 4 * 3600;
/** Going through all sessions to find the pages that hold open ones takes longer than a poll. */
const pollsPerCheck = 10;

/** Polls until the window is complete, then as often as is to be counted. */
export async function pollingCost(options: PollingOptions): Promise<PollingCost> {
  const { shape, order, requestsPerMinute, server, pageSize } = options;
  const time = { now: firstPollAt };
  const sessions = drawSessions(shape, firstPollAt + latestEndSeconds);
  const list = new LoadList(sessions, order, requestsPerMinute, time, server);
  let pageRows = pageSize.first;
  const pageRowsChanged = (change: PageRowsChange) => (pageRows = change.rows);
  const polls = new Polls({ list, time, pageSize, pageRowsChanged, requestsPerMinute, interval });

  let parts = await polls.poll();
  const firstPublished = (parts[0] as PolledPart).at - firstPollAt;
  let last = parts.at(-1) as PolledPart;
  while (!last.windowComplete && time.now < firstPollAt + mostWindowSeconds)
    last = (await polls.poll()).at(-1) ?? last;
  const windowComplete = last.windowComplete ? last.at - firstPollAt : Infinity;
  for (let seconds = 0; seconds < warmUpSeconds; seconds += interval) await polls.poll();

  const requestsBefore = list.requests;
  const sums = { pagesOpen: 0, pagesAll: 0, sessionsOff: 0, checks: 0 };
  const rowsBefore = list.rows;
  let oldestReading = 0;
  for (let poll = 0; poll < options.polls; poll++) {
    parts = await polls.poll();
    const { snapshot, at } = parts.at(-1) as PolledPart;
    oldestReading = Math.max(oldestReading, at - (snapshot.oldestOpenReading ?? at));
    if (poll % pollsPerCheck > 0) continue;
    const open = list.openNow(countedRows);
    sums.pagesOpen += open.pages;
    sums.pagesAll += open.allPages;
    sums.sessionsOff += Math.abs(snapshot.activeSessions - open.sessions);
    sums.checks += 1;
  }
  const end = parts.at(-1) as PolledPart;
  const moved = sessions.reduce(
    (sum, one) => sum + bytesUntil(one, end.at) - bytesUntil(one, firstPollAt),
    0,
  );
  return {
    requests: (list.requests - requestsBefore) / options.polls,
    rows: (list.rows - rowsBefore) / options.polls,
    pageRows,
    timeoutsAnHour: (list.timeouts * 3600) / Math.max(3600, time.now - firstPollAt),
    pagesOpen: sums.pagesOpen / sums.checks,
    pagesAll: sums.pagesAll / sums.checks,
    oldestReading,
    firstPublished,
    windowComplete,
    sessionsOff: sums.sessionsOff / sums.checks,
    bytesTooMany: end.snapshot.counters.bandwidthIn - moved,
  };
}
