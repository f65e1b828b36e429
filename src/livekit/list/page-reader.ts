// Reads pages of the session list for one poll after the other, in pages as large as the API answers in time, and collects
// what they hold until it is taken as a part of the poll.
import type { RejectionReason } from '../../core/session-row.ts';
import type { PollRequest, ReadPage } from '../../core/session-source.ts';
import { SourceError } from '../../core/source-error.ts';
import { OversizeAnswer } from '../client/request-failure.ts';
import type { ListedPage } from './listed-page.ts';
import type { PagePlan, Plan } from './page-plan.ts';
import type { SessionList } from './session-list.ts';

export interface WantedPages {
  /** The list is asked for from the UTC day of this time on, Unix seconds. */
  readonly from: number;
  readonly plan: Plan;
  /** Called for each page that has rows, before the plan hears of it. */
  readonly onPage?: ((page: ListedPage) => void) | undefined;
}

export interface PageReaderOptions {
  readonly list: SessionList;
  /** Rows asked for per page. */
  readonly pageSize: number;
  /** Unix seconds. */
  readonly now: () => number;
}

/** So many pages without a row that can be used are enough: nothing else would tell that such a list has no end. */
const hopelessPages = 20;

export class PageReader {
  readonly #list: SessionList;
  readonly #pageSize: PageSize;
  readonly #now: () => number;
  /** The pages of the part at hand, and why rows of it were rejected. */
  #part: ReadPage[] = [];
  readonly #rejected = new Set<RejectionReason>();
  #hasRows = false;
  /** Whether any poll went well, and whether a page of the poll at hand came too late. */
  #hadGoodPoll = false;
  #hadTimeout = false;
  #pagesRead = 0;
  #askedFrom = NaN;

  constructor({ list, pageSize, now }: PageReaderOptions) {
    this.#list = list;
    this.#pageSize = new PageSize(pageSize);
    this.#now = now;
  }

  /** Rows asked for per page. */
  get pageSize(): number {
    return this.#pageSize.rows;
  }

  /** Pages with rows, since the start. */
  get pagesRead(): number {
    return this.#pagesRead;
  }

  /** The day of this time (Unix seconds) was the first that was asked for last. */
  get askedFrom(): number {
    return this.#askedFrom;
  }

  /** What is read from now on is for another poll. */
  beginPoll(): void {
    this.#hadTimeout = false;
  }

  /** What is read from now on is another part. */
  beginPart(): void {
    this.#part = [];
    this.#rejected.clear();
    this.#hasRows = false;
  }

  /** The pages of the part. Throws a SourceError when there were rows and none could be used. */
  endPart(): readonly ReadPage[] {
    this.#requireUsable();
    return this.#part;
  }

  read(
    { signal, onPage }: Pick<PollRequest, 'signal' | 'onPage'>,
    wanted: WantedPages,
  ): Promise<ListedPage[]> {
    this.#askedFrom = wanted.from;
    return this.#list.readPages({
      from: wanted.from,
      plan: wanted.plan,
      pageSize: this.#pageSize.rows,
      retryTimeouts: !this.#pageSize.canShrink,
      signal,
      onPage: (page) => {
        onPage(this.#collect(page));
        if (this.#part.length >= hopelessPages) this.#requireUsable();
        wanted.onPage?.(page);
      },
    });
  }

  /** Reads pages that follow each other; when rows have moved meanwhile, those again on which some could be lost. */
  readRun(
    request: Pick<PollRequest, 'signal' | 'onPage'>,
    wanted: WantedPages & { readonly plan: PagePlan },
  ): Promise<ListedPage[]> {
    const onPage = (page: ListedPage) => {
      if (page.repeats > 0) wanted.plan.askEarlyAgain();
      wanted.onPage?.(page);
    };
    return this.read(request, { ...wanted, onPage });
  }

  /**
   * Makes the pages smaller when that may help after this error; throws the error when not. An API that answered before and
   * is late twice hangs: the poll is given up, and the next one begins with smaller pages.
   */
  shrinkAfter(error: unknown): void {
    const timedOut = error instanceof SourceError && error.reason === 'timeout';
    const isTooLarge = timedOut || error instanceof OversizeAnswer;
    if (!isTooLarge || !this.#pageSize.canShrink) throw error;
    this.#pageSize.shrink();
    if (timedOut && this.#hadTimeout && this.#hadGoodPoll) throw error;
    this.#hadTimeout ||= timedOut;
  }

  /** A poll went well: lets pages that were made smaller grow. */
  recordGoodPoll(): void {
    this.#hadGoodPoll = true;
    this.#pageSize.recordGoodPoll();
  }

  #collect({ rows, rejected, time }: ListedPage): ReadPage {
    const readAt = this.#now();
    const page = { rows, rejected, readAt, time: time ?? readAt };
    this.#pagesRead += 1;
    this.#part.push(page);
    this.#hasRows ||= rows.length > 0;
    for (const reason of rejected) this.#rejected.add(reason);
    return page;
  }

  #requireUsable(): void {
    if (!this.#hasRows && this.#rejected.size > 0) throw noUsableRow(this.#rejected);
  }
}

/** An answer with rows of which none can be used is no empty list. The reasons may come more than once. */
export function noUsableRow(rejected: Iterable<RejectionReason>): SourceError {
  return new SourceError(
    'schema',
    `no row of the session list could be used: ${[...new Set(rejected)].join(', ')}`,
    'look for a newer exporter; if there is none, report it: the format of the Analytics API has changed',
  );
}

/** Pages are not made smaller than this. */
const fewestRows = 10;
/** So many polls in a row without a page that was too large let it grow. */
const pollsToGrow = 10;

/** How many rows a page is asked for: fewer after one that was too large, more again when all goes well. */
export class PageSize {
  readonly #configured: number;
  #rows: number;
  #goodPolls = 0;

  /** `configured` rows are never exceeded. */
  constructor(configured: number) {
    this.#configured = configured;
    this.#rows = configured;
  }

  get rows(): number {
    return this.#rows;
  }

  get canShrink(): boolean {
    return this.#rows > Math.min(fewestRows, this.#configured);
  }

  /** After a page that did not come in time, or was too long to be read: halves it. */
  shrink(): void {
    this.#goodPolls = 0;
    this.#rows = Math.max(Math.min(fewestRows, this.#configured), Math.floor(this.#rows / 2));
  }

  /** After a poll in which no page was too large: doubles a page that was made smaller, after some of them. */
  recordGoodPoll(): void {
    this.#goodPolls += 1;
    if (this.#goodPolls < pollsToGrow || this.#rows === this.#configured) return;
    this.#goodPolls = 0;
    this.#rows = Math.min(this.#configured, this.#rows * 2);
  }
}
