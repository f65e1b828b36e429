// Reads pages of the session list, several at once. Knows pages and sessions, not requests.
import type { LimitFunction } from 'p-limit';
import type { SessionPage } from '../../core/session-row.ts';
import { followSignal } from '../../lib/follow-signal.ts';
import type { ListedPage } from './listed-page.ts';

/** Decides which pages are read. */
export interface Plan {
  /** The pages to ask now, none when the answers to those under way decide. */
  take(): readonly number[];
  /** Whether a page that was taken should still be asked. */
  isWorthAsking(page: number): boolean;
  recordEmptyPage(page: number): void;
  /** A page had `rows` rows, at least one, of which `news` were not on a page before as far as can be told. */
  recordPage(page: number, rows: number, news: number): void;
}

export interface SessionListing {
  readonly plan: Plan;
  /** Bounds the pages in flight; may be shared with other listings. */
  readonly limit: LimitFunction;
  readonly readPage: (page: number, signal: AbortSignal) => Promise<SessionPage>;
  /** Called for each page that has rows, in any order, before the plan hears of it. */
  readonly onPage: (answer: SessionPage, listed: ListedPage) => void;
  /** Ends the listing at once. */
  readonly signal: AbortSignal;
}

/**
 * Reads pages until the plan is satisfied, and resolves to those that have rows, each as it came first. The first
 * failure ends the other requests and is what the promise is rejected with, after every one of them has ended.
 */
export async function listPages({
  plan,
  limit,
  readPage,
  onPage,
  signal,
}: SessionListing): Promise<ListedPage[]> {
  const { controller, release } = followSignal(signal);
  const listed = new Map<number, ListedPage>();
  const sessionIds = new Set<string>();
  // A signal of its own for each page: Node takes more than ten listeners on one signal for a leak.
  const inFlight = new Set<AbortController>();
  const endAll = () => inFlight.forEach((page) => page.abort(controller.signal.reason));
  controller.signal.addEventListener('abort', endAll, { once: true });

  const readAndRecord = async (page: number) => {
    controller.signal.throwIfAborted();
    if (!plan.isWorthAsking(page)) return;
    const pageController = new AbortController();
    inFlight.add(pageController);
    const answer = await readPage(page, pageController.signal).finally(() => inFlight.delete(pageController));
    controller.signal.throwIfAborted();
    const { rows, rejected } = answer;
    if (rows.length + rejected.length === 0) {
      plan.recordEmptyPage(page);
      return;
    }
    const news = countNews(answer, sessionIds);
    const repeats = rows.length > 0 ? rows.length - news : 0;
    const listedPage: ListedPage = { page, rows, rejected: rejected.length, repeats };
    if (!listed.has(page)) listed.set(page, listedPage);
    onPage(answer, listedPage);
    plan.recordPage(page, rows.length + rejected.length, news);
  };

  // The reason of the abort is the first failure: a controller keeps its first.
  const readSafely = (page: number) => readAndRecord(page).catch((error: unknown) => controller.abort(error));

  await new Promise<void>((resolve) => {
    let running = 0;
    const askNext = () => {
      for (const page of controller.signal.aborted ? [] : plan.take()) {
        running += 1;
        void limit(readSafely, page).then(() => {
          running -= 1;
          askNext();
        });
      }
      if (running === 0) resolve();
    };
    askNext();
  });
  release();
  controller.signal.throwIfAborted();
  return [...listed.values()];
}

/** How many sessions of the page are not in `sessionIds` yet; they are then. */
function countNews({ rows, rejected }: SessionPage, sessionIds: Set<string>): number {
  // Rejected rows have no identity: a page of nothing else is taken for news, not for a page that came before.
  if (rows.length === 0) return rejected.length;
  const before = sessionIds.size;
  for (const { sessionId } of rows) sessionIds.add(sessionId);
  return sessionIds.size - before;
}
