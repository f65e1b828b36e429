import { expect, it } from 'vitest';
import { Scrapers } from '../../src/exposition/scrapers.ts';

/** Second, connection, edition; the connection of the one client unless another is named. */
type Scrape = readonly [at: number, connection: string, edition: number, client?: string];

interface Case {
  readonly name: string;
  /** In order of time; `closed` ends a connection. */
  readonly given: readonly (Scrape | { readonly closed: string })[];
  /** What all have seen at these seconds. */
  readonly want: Readonly<Record<number, number>>;
}

const cases: readonly Case[] = [
  { name: 'nothing while nobody has scraped', given: [], want: { 0: 0, 9999: 0 } },
  { name: 'what the only scraper has seen', given: [[0, 'A', 3]], want: { 1: 3 } },
  {
    name: 'what both of two connections that are kept have seen',
    given: [
      [0, 'A', 1],
      [5, 'B', 1],
      [30, 'A', 2],
    ],
    want: { 31: 1 },
  },
  {
    name: 'the newest edition once both have seen it',
    given: [
      [0, 'A', 1],
      [5, 'B', 1],
      [30, 'A', 2],
      [35, 'B', 2],
    ],
    want: { 36: 2 },
  },
  {
    name: 'the newest edition a scraper has seen, also when an older answer is late',
    given: [
      [0, 'A', 2],
      [1, 'A', 1],
    ],
    want: { 2: 2 },
  },
  {
    name: 'one scraper behind connections that each serve one scrape',
    given: [[0, 'A', 1], { closed: 'A' }, [30, 'B', 2], { closed: 'B' }, [60, 'C', 3]],
    want: { 61: 3 },
  },
  {
    name: 'one scraper that has lost its connection, beside one that has not',
    given: [[0, 'A', 1], [5, 'B', 1], { closed: 'A' }, [30, 'C', 2], [35, 'B', 2]],
    want: { 36: 2 },
  },
  {
    name: 'two scrapers that have lost their connections at the same time',
    given: [[0, 'A', 1], [5, 'B', 1], { closed: 'A' }, { closed: 'B' }, [30, 'C', 2]],
    want: { 31: 1 },
  },
  {
    name: 'two scrapers at different addresses, or with different agents, whose connections are gone',
    given: [[0, 'A', 1, 'one'], { closed: 'A' }, [5, 'B', 2, 'two']],
    want: { 6: 1 },
  },
  {
    name: 'a scraper that came once, for two and a half minutes',
    given: [
      [0, 'A', 1],
      [5, 'B', 2],
    ],
    want: { 150: 1, 151: 2 },
  },
  {
    name: 'a scraper that has come three times, for 2.5 of its intervals',
    given: [
      [0, 'A', 1],
      [30, 'A', 1],
      [60, 'A', 1],
      [61, 'B', 2],
    ],
    want: { 135: 1, 136: 2 },
  },
  {
    name: 'a scraper that has come twice at short notice, as after a reload, for as long as one that came once',
    given: [
      [0, 'A', 1],
      [1, 'A', 1],
      [2, 'B', 2],
    ],
    want: { 151: 1, 152: 2 },
  },
  {
    name: 'a scraper whose last interval was a short one by its longer one',
    given: [
      [0, 'A', 1],
      [60, 'A', 1],
      [61, 'A', 1],
      [62, 'B', 2],
    ],
    want: { 211: 1, 212: 2 },
  },
  {
    name: 'a scraper that comes every five minutes, for ten',
    given: [
      [0, 'A', 1],
      [140, 'A', 1],
      [440, 'A', 1],
      [1000, 'B', 2],
    ],
    want: { 1040: 1, 1041: 2 },
  },
  {
    name: 'what a scraper saw that comes less often than it is waited for',
    given: [
      [0, 'A', 1],
      [3600, 'A', 2],
    ],
    want: { 3500: 2, 9000: 2 },
  },
];

it.each(cases)('knows $name', ({ given, want }) => {
  expect(seenAfter(given, want, { isOne: true })).toEqual(want);
});

/** Seconds from one scrape to the next, again and again. */
function scrapesOf(
  connections: readonly string[],
  intervals: readonly number[],
  editions: readonly number[],
): Scrape[] {
  let at = 0;
  return editions.map((edition, index) => {
    const scrape: Scrape = [at, connections[index % connections.length] as string, edition];
    at += intervals[index % intervals.length] as number;
    return scrape;
  });
}

const behindProxies: readonly Case[] = [
  {
    name: 'two scrapers that share a connection have seen an edition when it was received twice',
    given: scrapesOf(['A'], [4, 11], [1, 1, 1, 1, 1, 1, 2]),
    want: { 46: 1 },
  },
  {
    name: 'two scrapers that share a connection have seen an edition when it was received once more',
    given: scrapesOf(['A'], [4, 11], [1, 1, 1, 1, 1, 1, 2, 2]),
    want: { 50: 2 },
  },
  {
    name: 'three scrapers have seen an edition when it was received three times',
    given: scrapesOf(['A'], [3, 5, 7], [1, 1, 1, 1, 1, 1, 1, 1, 2, 2]),
    want: { 46: 1 },
  },
  {
    name: 'one at 15 and one at 60 seconds have seen an edition when both have',
    given: scrapesOf(['A'], [15, 15, 15, 7, 8], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2]),
    want: { 173: 1 },
  },
  {
    name: 'one that keeps its interval has seen an edition when it was received',
    given: scrapesOf(['A'], [15.01, 14.99], [1, 1, 1, 1, 2]),
    want: { 61: 2 },
  },
  {
    name: 'whoever comes for the second time is one until another interval tells otherwise',
    given: scrapesOf(['A'], [4, 11], [1, 2]),
    want: { 5: 2 },
  },
  {
    name: 'another interval tells that there may be two',
    given: scrapesOf(['A'], [4, 11], [1, 1, 2]),
    want: { 16: 1 },
  },
  {
    name: 'one that has stayed behind of two has seen an edition when it was received, after four intervals',
    given: [
      ...scrapesOf(['A'], [4, 11], [1, 1, 1, 1, 1, 1]),
      [45, 'A', 1],
      [60, 'A', 1],
      [75, 'A', 1],
      [90, 'A', 1],
      [105, 'A', 2],
    ],
    want: { 106: 2 },
  },
  {
    name: 'two whose addresses the proxy names are two on one connection',
    given: [
      ...[0, 15, 30, 45, 60, 75].flatMap((at): Scrape[] => [
        [at, 'A', 1, '10.0.0.1'],
        [at + 7.5, 'A', 1, '10.0.0.2'],
      ]),
      [90, 'A', 2, '10.0.0.1'],
    ],
    want: { 91: 1 },
  },
];

it.each(behindProxies)('knows behind a proxy that $name', ({ given, want }) => {
  expect(seenAfter(given, want)).toEqual(want);
});

it.each([
  { what: 'two that come in turn at equal intervals', timeout: 10_000, every: 7.5, want: { 38: 1, 46: 2 } },
  { what: 'three that do', timeout: 10_000, every: 3.5, want: { 18: 1, 22: 1, 25: 2 } },
  { what: 'one whose timeout is its interval', timeout: 10_000, every: 9.9, want: { 50: 2 } },
  { what: 'one whose timeout is shorter', timeout: 10_000, every: 15, want: { 76: 2 } },
])(
  'knows by the timeout of a scrape, which no interval of one is shorter than: $what',
  ({ timeout, every, want }) => {
    const given = scrapesOf(['A'], [every], [1, 1, 1, 1, 1, 2, 2, 2]);
    const seen = Object.keys(want).map((at) => {
      const before = given.filter((step) => 'closed' in step || step[0] <= Number(at));
      return [at, seenAfter(before, { [at]: 0 }, { timeout })[at]];
    });
    expect(Object.fromEntries(seen)).toEqual(want);
  },
);

function seenAfter(
  given: Case['given'],
  want: Case['want'],
  one: { isOne?: true; timeout?: number } = {},
): Record<string, number> {
  const scrapers = new Scrapers(0);
  const connections = new Map<string, { destroyed: boolean }>();
  const connection = (label: string): { destroyed: boolean } => {
    const known = connections.get(label) ?? { destroyed: false };
    connections.set(label, known);
    return known;
  };
  for (const step of given) {
    if ('closed' in step) {
      connection(step.closed).destroyed = true;
      continue;
    }
    const [at, label, edition, client = ''] = step;
    scrapers.received(
      { address: client, agent: '', connection: connection(label), ...one },
      edition,
      at * 1000,
    );
  }
  const seen = Object.keys(want).map((at) => [at, scrapers.seenByAll(Number(at) * 1000)]);
  return Object.fromEntries(seen) as Record<string, number>;
}

it('remembers the 64 scrapers that came last', () => {
  const scrapers = new Scrapers(0);
  const scraper = (address: number) => ({
    address: String(address),
    agent: '',
    connection: { destroyed: false },
    isOne: true as const,
  });
  for (let address = 0; address < 64; address++) scrapers.received(scraper(address), address + 1, address);
  expect(scrapers.seenByAll(100)).toBe(1);
  scrapers.received(scraper(64), 65, 100);
  expect(scrapers.seenByAll(101)).toBe(2);
});

it.each<{
  what: string;
  answered: readonly (readonly [at: number, edition: number])[];
  at: number;
  want: boolean;
}>([
  { what: 'nobody has come yet, who may have come before the start', answered: [], at: 149, want: false },
  { what: 'nobody has come for longer than anybody is waited for', answered: [], at: 151, want: true },
  { what: 'one who scrapes has seen it', answered: [[10, 2]], at: 20, want: true },
  { what: 'one who scrapes has seen an older one', answered: [[10, 1]], at: 20, want: false },
  { what: 'one who has gone has seen an older one', answered: [[10, 1]], at: 170, want: true },
])('tells whether all have seen an edition: $what', ({ answered, at, want }) => {
  const scrapers = new Scrapers(0);
  const scraper = { address: '', agent: '', connection: { destroyed: false }, isOne: true } as const;
  for (const [time, edition] of answered) scrapers.received(scraper, edition, time * 1000);
  expect(scrapers.haveSeen(2, at * 1000)).toBe(want);
});
