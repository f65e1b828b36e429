// Who scrapes, and which edition of a project's rooms each of them has seen. An edition is a rendering with new
// values; editions are numbered from 1. Knows neither HTTP nor a clock: times come in, in milliseconds.

import type { Scraper } from '../lib/scrape.ts';

interface KnownScraper {
  address: string;
  agent: string;
  connection: Scraper['connection'];
  edition: number;
  answeredAt: number;
  /** Between its last two scrapes. */
  interval: number;
  liveUntil: number;
}

/** What is taken for an interval until it was measured: the longest that is usual. */
const usualInterval = 60_000;
/** A scraper may be late, and miss a scrape, before it is taken for gone. */
const missedIntervals = 2.5;
const longestLife = 600_000;
/** Remembered at most. Who scrapes from more addresses than that makes the exporter forget others, no more. */
const mostScrapers = 64;

/**
 * Scrapers behind one address are told apart by the connections they keep: the first scrape on a connection is of
 * one that was known from there and whose connection is gone, else of a new one. So two Prometheus servers of one
 * host are two, and one that connects anew for each scrape is one.
 */
export class Scrapers {
  readonly #known = new Set<KnownScraper>();
  #newestSeen = 0;
  /** Until then those may come that scraped before a restart. */
  readonly #awaitedUntil: number;

  constructor(startedAt: number) {
    this.#awaitedUntil = startedAt + missedIntervals * usualInterval;
  }

  /** A scraper has received the whole of an edition. */
  answered({ address, agent, connection }: Scraper, edition: number, now: number): void {
    this.#forgetGone(now);
    const known = this.#find({ address, agent, connection }) ?? this.#add(address, agent, connection, now);
    const before = known.interval;
    known.interval = now - known.answeredAt;
    known.address = address;
    known.agent = agent;
    known.connection = connection;
    known.edition = Math.max(edition, known.edition);
    known.answeredAt = now;
    known.liveUntil = now + Math.min(missedIntervals * Math.max(before, known.interval), longestLife);
    this.#newestSeen = Math.max(this.#newestSeen, edition);
  }

  /** The newest edition that all live scrapers have seen, or any scraper ever when none is live; 0 when none has. */
  seenByAll(now: number): number {
    this.#forgetGone(now);
    let seen = this.#newestSeen;
    for (const { edition } of this.#known) seen = Math.min(seen, edition);
    return seen;
  }

  /** Whether all live scrapers have seen an edition; so they have when none is live, nor can be awaited. */
  haveSeen(edition: number, now: number): boolean {
    this.#forgetGone(now);
    if (this.#known.size === 0 && now < this.#awaitedUntil) return false;
    for (const known of this.#known) if (known.edition < edition) return false;
    return true;
  }

  /** As if its scrape before had been as long ago as is usual. */
  #add(address: string, agent: string, connection: Scraper['connection'], now: number): KnownScraper {
    if (this.#known.size === mostScrapers) this.#known.delete(longestUnanswered(this.#known) as KnownScraper);
    const answeredAt = now - usualInterval;
    const added = {
      address,
      agent,
      connection,
      edition: 0,
      answeredAt,
      interval: usualInterval,
      liveUntil: now,
    };
    this.#known.add(added);
    return added;
  }

  #find({ address, agent, connection }: Scraper): KnownScraper | undefined {
    let heirs: KnownScraper[] | undefined;
    for (const known of this.#known) {
      if (known.connection === connection) return known;
      if (known.address === address && known.agent === agent && known.connection.destroyed)
        (heirs ??= []).push(known);
    }
    return heirs && longestUnanswered(heirs);
  }

  #forgetGone(now: number): void {
    for (const known of this.#known) if (now > known.liveUntil) this.#known.delete(known);
  }
}

function longestUnanswered(scrapers: Iterable<KnownScraper>): KnownScraper | undefined {
  let longest: KnownScraper | undefined;
  for (const scraper of scrapers) if (!longest || scraper.answeredAt < longest.answeredAt) longest = scraper;
  return longest;
}
