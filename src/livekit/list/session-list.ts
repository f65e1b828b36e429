// Reads pages of one project's session list, several at once. Wires token, budget, client and decoder together; a plan
// decides which pages are read.
import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { SessionPage } from '../../core/session-row.ts';
import { followSignal } from '../../lib/signals.ts';
import type { ApiClient } from '../client/api-client.ts';
import { RequestFailure } from '../client/request-failure.ts';
import { decodePage } from '../wire/session-row-decoder.ts';
import { pagePath } from '../wire/wire.ts';
import type { ListedPage } from './listed-page.ts';
import type { Plan } from './page-plan.ts';

export interface PagesWanted {
  /** Unix seconds: sessions that started before the UTC day of this time are not asked for. */
  readonly from: number;
  readonly pageSize: number;
  readonly plan: Plan;
  readonly signal: AbortSignal;
  /** Whether a page that timed out is asked for again as it is. */
  readonly retryTimeouts: boolean;
  /** While it is true, pages are asked for one after the other. */
  readonly isTrial?: () => boolean;
  /** Called for each page that has rows, in any order, before the plan hears of it. */
  readonly onPage?: ((page: ListedPage) => void) | undefined;
}

export interface SessionList {
  /**
   * Reads pages until the plan is satisfied, and resolves to those that have rows, each as it first arrived. The first failure,
   * a SourceError or the signal's reason, ends the other requests; the promise is rejected with it once all of them have ended.
   */
  readPages(wanted: PagesWanted): Promise<ListedPage[]>;
}

/**
 * Room for 1,000 rows, the largest page, of two or three times the usual length; where rows are longer, pages become smaller.
 * Malicious JSON takes 100 times its size in memory, and 4 MiB of it block the event loop for a second.
 */
const largestPageBytes = 2 ** 20;

export function createSessionList(client: ApiClient, concurrency: number): SessionList {
  const { now, projectId } = client.options;
  return listOfPages(concurrency, (page, { from, pageSize, retryTimeouts, signal }) =>
    client.send({
      endpoint: 'sessions',
      url: client.address(pagePath(projectId, page, pageSize, from)),
      decode: (text, secrets) => decodePage(JSON.parse(text), now(), secrets),
      largestBytes: largestPageBytes,
      retryTimeouts,
      signal,
    }),
  );
}

/** Whether the API refuses the first day: its clock may be past midnight, or it compares times but documents days. */
export function refusesDay(error: unknown): boolean {
  return error instanceof RequestFailure && error.status === 400;
}

type ReadPage = (page: number, wanted: PagesWanted) => Promise<SessionPage & Pick<ListedPage, 'seconds'>>;

/** A list whose pages are read like this, at most `concurrency` at a time. */
export function listOfPages(concurrency: number, readPage: ReadPage): SessionList {
  const limit = pLimit(concurrency);
  return { readPages };

  async function readPages(wanted: PagesWanted): Promise<ListedPage[]> {
    const { plan, isTrial = () => false, onPage, signal } = wanted;
    const { controller, release } = followSignal(signal);
    const listed = new Map<number, ListedPage>();
    const sessionIds = new Set<string>();
    // Each request in flight listens.
    setMaxListeners(0, controller.signal);

    const readAndRecord = async (number: number) => {
      controller.signal.throwIfAborted();
      if (plan.isWorthAsking?.(number) === false) return;
      const answer = await readPage(number, { ...wanted, signal: controller.signal });
      controller.signal.throwIfAborted();
      const { rows, rejected } = answer;
      if (rows.length + rejected.length === 0) {
        plan.recordEmptyPage?.(number);
        return;
      }
      const news = countNews(answer, sessionIds);
      const page: ListedPage = { ...answer, page: number, repeats: rows.length > 0 ? rows.length - news : 0 };
      if (!listed.has(number)) listed.set(number, page);
      onPage?.(page);
      plan.recordPage?.(number, rows.length + rejected.length, news);
    };

    // The reason of the abort is the first failure: a controller keeps its first.
    const readSafely = (page: number) =>
      readAndRecord(page).catch((error: unknown) => controller.abort(error));

    await new Promise<void>((resolve) => {
      let running = 0;
      const due: number[] = [];
      const askNext = () => {
        if (!controller.signal.aborted) due.push(...plan.take());
        for (const page of due.splice(0, isTrial() ? 1 : due.length)) {
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
}

/** How many sessions of the page are not in `sessionIds` yet; they are then. */
export function countNews({ rows, rejected }: SessionPage, sessionIds: Set<string>): number {
  // Rejected rows have no identity: a page of nothing else counts as news, not as a repetition.
  if (rows.length === 0) return rejected.length;
  const before = sessionIds.size;
  for (const { sessionId } of rows) sessionIds.add(sessionId);
  return sessionIds.size - before;
}
