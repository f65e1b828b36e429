// Who scrapes, and which edition of a project each of them has seen. Knows neither HTTP nor a clock: times come in, in
// milliseconds.

/** Who makes a scrape, as well as a request tells. */
export interface Scraper {
  /** Of the client, and of the proxies on its way where they say so. */
  readonly address: string;
  readonly agent: string;
  /** Kept for the next scrape as long as it is not destroyed. */
  readonly connection: { readonly destroyed: boolean };
  /** It gives a scrape up after so many milliseconds, which are no more than its interval; undefined: it does not say. */
  readonly timeout?: number | undefined;
}

interface KnownScraper {
  readonly address: string;
  readonly agent: string;
  connection: Scraper['connection'];
  /** When it last received a whole answer; undefined until it does. */
  heardAt: number | undefined;
  /** What its last answers had, the newest last. */
  readonly editions: number[];
  /** The times between its last answers, the newest last. */
  readonly intervals: number[];
  /** How many scrapers this may be: a proxy makes several look like one. */
  size: number;
  liveUntil: number;
}

/** Assumed as the interval until one is measured: the longest common scrape interval. */
const usualInterval = 60_000;
/** A scraper is considered gone after this many intervals: it may be late, and may miss one scrape. */
const missedIntervals = 2.5;
const longestLife = 600_000;
/** Remembered at most. Who scrapes from more addresses than that makes the exporter forget others, no more. */
const mostScrapers = 64;

/** How many scrapers are told apart behind a proxy that does not name them. */
const mostBehindProxy = 8;
const intervalsKept = 2 * mostBehindProxy;
/** The last intervals that have to be equal before the scrapes count as those of a single scraper. */
const leastIntervals = 4;
/** Intervals are the same when they differ by less: scrapers keep time to milliseconds, busy machines do not. */
const jitterShare = 0.01;
const leastJitter = 10;
/** An interval that is as long as the timeout is measured as at least this share of it. */
const leastShareOfTimeout = 0.9;

/**
 * Scrapers at one address are told apart by the connections they keep: the first scrape on a connection is of
 * one that was known from there and whose connection is gone, else of a new one. So two Prometheus servers of one
 * host are two, and one that connects for each scrape is one. Behind a proxy two servers may share a connection,
 * or have none that is kept, and the proxy may not tell their addresses. They still come in turn, each at its own
 * interval: two have seen an edition when it was received twice.
 */
export class Scrapers {
  #known: readonly KnownScraper[];
  #newestSeen = 0;
  /** Until then those may come that scraped before a restart. */
  readonly #awaitedUntil: number;

  /** `others`: who scrapes already, and is to see the first edition here, too. */
  constructor(startedAt: number, others?: Scrapers) {
    this.#awaitedUntil = startedAt + missedIntervals * usualInterval;
    this.#known = others ? others.#known.map((known) => ({ ...known, ...nothingReceived() })) : [];
  }

  /** A scraper has received the whole of an edition. */
  received(scraper: Scraper, edition: number, now: number): void {
    this.#forgetGone(now);
    const known = this.#find(scraper) ?? this.#add(scraper);
    const { heardAt, editions, intervals } = known;
    known.connection = scraper.connection;
    known.heardAt = now;
    editions.push(Math.max(edition, editions.at(-1) ?? 0));
    if (editions.length > mostBehindProxy) editions.shift();
    if (heardAt !== undefined) intervals.push(now - heardAt);
    if (intervals.length > intervalsKept) intervals.shift();
    known.size = scrapersIn(intervals, scraper.timeout) ?? Math.max(known.size, 2);
    const longest = Math.max(intervals.at(-1) ?? usualInterval, intervals.at(-2) ?? usualInterval);
    known.liveUntil = now + Math.min(missedIntervals * longest, longestLife);
    this.#newestSeen = Math.max(this.#newestSeen, edition);
  }

  /** The newest edition that all live scrapers have seen, or any scraper ever when none is live; 0 when none has. */
  seenByAll(now: number): number {
    this.#forgetGone(now);
    return Math.min(this.#newestSeen, ...this.#known.map(seenBy));
  }

  /** Whether all live scrapers have seen an edition; so they have when none is live, nor can be awaited. */
  haveSeen(edition: number, now: number): boolean {
    this.#forgetGone(now);
    if (this.#known.length === 0 && now < this.#awaitedUntil) return false;
    return this.#known.every((known) => seenBy(known) >= edition);
  }

  #add({ address, agent, connection }: Scraper): KnownScraper {
    const added = { address, agent, connection, ...nothingReceived(), size: 1, liveUntil: 0 };
    const displaced = this.#known.length < mostScrapers ? undefined : longestUnheard(this.#known);
    this.#known = [...this.#known.filter((known) => known !== displaced), added];
    return added;
  }

  #find({ address, agent, connection }: Scraper): KnownScraper | undefined {
    const alike = this.#known.filter((known) => known.address === address && known.agent === agent);
    return (
      alike.find((known) => known.connection === connection) ??
      longestUnheard(alike.filter((known) => known.connection.destroyed))
    );
  }

  #forgetGone(now: number): void {
    if (this.#known.some(({ liveUntil }) => now > liveUntil))
      this.#known = this.#known.filter(({ liveUntil }) => now <= liveUntil);
  }
}

function nothingReceived(): Pick<KnownScraper, 'heardAt' | 'editions' | 'intervals'> {
  return { heardAt: undefined, editions: [], intervals: [] };
}

/** The edition that as many of its last answers had as it is scrapers: they come in turn. */
function seenBy({ editions, size }: KnownScraper): number {
  return editions.at(-size) ?? 0;
}

/**
 * How many scrapers come at these intervals, each at one of its own; undefined when there is no pattern. Several that come in
 * turn at equal intervals look like one, but then the intervals can be shorter than the timeout of a scrape.
 */
function scrapersIn(intervals: readonly number[], timeout = 0): number | undefined {
  if (isRepeated(intervals, leastIntervals, 1)) {
    const interval = intervals.at(-leastIntervals);
    const fewest = interval ? Math.ceil((leastShareOfTimeout * timeout) / interval) : 1;
    return Math.min(Math.max(1, fewest), mostBehindProxy);
  }
  for (let size = 2; size <= mostBehindProxy && 2 * size <= intervals.length; size++) {
    if (isRepeated(intervals, 2 * size, size)) return size;
  }
  return undefined;
}

/** Whether each of the last `count` intervals is as long as the one so many places before it, where there is one. */
function isRepeated(intervals: readonly number[], count: number, places: number): boolean {
  const first = Math.max(0, intervals.length - count);
  for (let index = first + places; index < intervals.length; index++) {
    const before = intervals[index - places] as number;
    const difference = Math.abs((intervals[index] as number) - before);
    if (difference > Math.max(leastJitter, jitterShare * before)) return false;
  }
  return true;
}

function longestUnheard(scrapers: readonly KnownScraper[]): KnownScraper | undefined {
  return scrapers.toSorted((one, other) => (one.heardAt ?? 0) - (other.heardAt ?? 0))[0];
}
