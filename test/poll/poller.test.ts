import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { SessionPage, SessionRow } from '../../src/core/session-row.ts';
import type { PollPart, PollRequest, ReadPage } from '../../src/core/session-source.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import { SourceError } from '../../src/core/source-error.ts';
import { sleep } from '../../src/lib/signals.ts';
import { Poller, type PollerOptions } from '../../src/poll/poller.ts';
import { listedPart, noon, sessionRow } from '../core/session-rows.ts';

type Arrives = (page: SessionPage) => void;
type PartOutcome = Omit<PollPart, 'startedAt' | 'pages'>;

const running = sessionRow({ sessionId: 'RM_1' });
const refused = new SourceError('auth', 'the API refused the key', 'Check the key.');

/** What the poller did, in order. */
let happened: string[];
let published: ProjectSnapshot[];
let logged: string[];
let listings: PollRequest[];
/** How each listing goes, in order; the last one for ever. */
let listing: ((arrives: Arrives, signal: AbortSignal) => Promise<void>)[];
/** What every poll reads after its listing. */
let moreParts: ((arrives: Arrives) => Promise<PartOutcome>)[];
let stop: AbortController;

const wholeList: PartOutcome = {
  coveredFrom: -Infinity,
  listedFrom: -Infinity,
  windowComplete: true,
  requestsNeeded: 1,
  requestsAllowed: 50,
};

const answers =
  (...rows: SessionRow[]) =>
  (arrives: Arrives): Promise<void> => {
    arrives({ rows, rejected: [] });
    return Promise.resolve();
  };

const fails = (error: Error) => (): Promise<void> => Promise.reject(error);

const hangs = (_arrives: Arrives, signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

const rules: ConstructorParameters<typeof Ledger>[0] = {
  window: 7 * 86_400,
  rooms: { limit: 500, linger: 600 },
  details: false,
  labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] }),
};

const observer: PollerOptions['observer'] = {
  pollFinished: ({ failure }) => void happened.push(`finished${failure ? ` ${failure}` : ''}`),
  pollsSkipped: (count) => void happened.push(`skipped ${String(count)}`),
  rowRejected: (reason) => void happened.push(`rejected ${reason}`),
  coverage: () => undefined,
  detailsDropped: () => undefined,
  monthEnded: () => undefined,
};

function poller(options: Partial<PollerOptions> = {}): Poller {
  const log = (message: string, fields: object = {}): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  return new Poller({
    interval: 30,
    staleAfter: 300,
    source: {
      read: async function* (request) {
        listings.push(request);
        let pages: ReadPage[] = [];
        const startedAt = Date.now() / 1000;
        const arrives = (page: SessionPage) => {
          const readAt = Date.now() / 1000;
          pages.push({ ...page, readAt, time: readAt });
          request.onPage({ ...page, readAt, time: readAt });
        };
        await (listing[Math.min(listings.length, listing.length) - 1] ?? hangs)(arrives, request.signal);
        yield { ...wholeList, startedAt, pages };
        for (const part of moreParts) {
          pages = [];
          yield { ...(await part(arrives)), startedAt, pages };
        }
      },
    },
    ledger: new Ledger(rules, 0),
    publication: {
      publish: (snapshot) => {
        happened.push('published');
        published.push(snapshot);
        return Promise.resolve();
      },
      isSeen: () => true,
      showDown: () => void happened.push('down'),
      withdrawGauges: () => void happened.push('withdrawn'),
    },
    waitsFor: () => 'the request budget',
    observer,
    log: { debug: () => undefined, info: log, warn: log, error: log },
    now: () => Date.now() / 1000,
    clock: () => Date.now() / 1000,
    random: () => 0.5,
    ...options,
  });
}

/** Lets this many seconds pass. The slices wait for real turns of the event loop, which fake time leaves alone. */
const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000);

/** Everything that is due now, also what waits for turns of the event loop. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await vi.advanceTimersByTimeAsync(0);
};

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: noon * 1000,
  });
  happened = [];
  published = [];
  logged = [];
  listings = [];
  listing = [];
  moreParts = [];
  stop = new AbortController();
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

describe('a poll', () => {
  it('publishes what it read', async () => {
    listing = [answers(running)];
    const subject = poller();
    await subject.poll(stop.signal);
    expect(happened).toEqual(['published', 'finished']);
    expect(subject.status).toMatchObject({ lastPollAt: noon, lastSuccessAt: noon, failure: undefined });
    expect(published).toMatchObject([{ activeSessions: 1 }]);
  });

  it('that fails keeps the last snapshot, says why and shows the project down', async () => {
    listing = [answers(running), fails(refused)];
    const subject = poller();
    await subject.poll(stop.signal);
    await subject.poll(stop.signal);
    expect(happened).toEqual(['published', 'finished', 'down', 'finished auth']);
    expect(subject.status).toMatchObject({
      pollsFinished: 2,
      snapshot: published[0],
      failure: { reason: 'auth', message: 'the API refused the key', remedy: 'Check the key.', since: noon },
    });
  });

  it('that fails half way counts nothing of what it read', async () => {
    const grown = { ...running, bandwidthIn: 100 };
    const failsHalfWay = async (arrives: Arrives): Promise<void> => {
      await answers(grown)(arrives);
      throw refused;
    };
    listing = [answers(running), failsHalfWay, answers(running), answers(grown)];
    const subject = poller();
    for (let poll = 0; poll < 4; poll++) await subject.poll(stop.signal);
    expect(published.map(({ counters }) => counters.bandwidthIn)).toEqual([0, 0, 100]);
  });

  it('calls a failure that no source declared internal', async () => {
    listing = [fails(new TypeError('x is not a function'))];
    const subject = poller();
    await subject.poll(stop.signal);
    expect(subject.status.failure).toMatchObject({
      reason: 'internal',
      message: 'TypeError: x is not a function',
    });
  });

  it('asks for the sessions that can have changed', async () => {
    listing = [answers(running, { ...running, sessionId: 'RM_2', endedAt: noon - 3600 })];
    const subject = poller();
    await subject.poll(stop.signal);
    await subject.poll(stop.signal);
    expect(listings.map(({ needs }) => needs.sessions.map(({ sessionId }) => sessionId))).toEqual([
      [],
      ['RM_1'],
    ]);
  });

  it('publishes each part that it read, and says when the window is complete', async () => {
    const old = sessionRow({ sessionId: 'RM_old', createdAt: noon - 2 * 86_400 });
    const complete: boolean[] = [];
    const subject = poller();
    const readOn = async (arrives: Arrives, windowComplete: boolean): Promise<PartOutcome> => {
      complete.push(subject.status.windowComplete);
      if (windowComplete) await answers(old)(arrives);
      return { ...wholeList, coveredFrom: Infinity, windowComplete };
    };
    listing = [answers(running)];
    moreParts = [(arrives) => readOn(arrives, false), (arrives) => readOn(arrives, true)];
    await subject.poll(stop.signal);
    expect(happened).toEqual(['published', 'published', 'published', 'finished']);
    expect(published.map(({ activeSessions }) => activeSessions)).toEqual([1, 1, 2]);
    expect(complete).toEqual([true, false]);
    expect(subject.status.windowComplete).toBe(true);
  });

  it('that fails after its first part keeps what that published', async () => {
    listing = [answers(running)];
    moreParts = [() => Promise.reject(refused)];
    const subject = poller();
    await subject.poll(stop.signal);
    expect(happened).toEqual(['published', 'down', 'finished auth']);
    expect(subject.status).toMatchObject({ snapshot: published[0], failure: { reason: 'auth' } });
  });

  it('takes a session for gone when the whole list lacks it', async () => {
    listing = [answers(running), answers()];
    const subject = poller();
    await subject.poll(stop.signal);
    await subject.poll(stop.signal);
    expect(published.map(({ activeSessions }) => activeSessions)).toEqual([1, 0]);
  });

  it('counts rejected rows by reason', async () => {
    listing = [
      (arrives) => {
        arrives({ rows: [], rejected: ['invalid_number', 'invalid_number'] });
        return Promise.resolve();
      },
    ];
    await poller().poll(stop.signal);
    expect(happened.slice(0, 2)).toEqual(['rejected invalid_number', 'rejected invalid_number']);
  });

  it('counts sessions that are given up as rejected rows, at each poll, and logs that once', async () => {
    const givenUp = [0, 7, 0, 5];
    listing = [answers(running)];
    class Overwhelmed extends Ledger {
      override *advance(...given: Parameters<Ledger['advance']>): ReturnType<Ledger['advance']> {
        return { ...(yield* super.advance(...given)), givenUpSessions: givenUp[published.length] ?? NaN };
      }
    }
    const rejected: unknown[] = [];
    const subject = poller({
      ledger: new Overwhelmed(rules, 0),
      observer: {
        ...observer,
        rowRejected: (reason, rows) => rejected.push([published.length, reason, rows]),
      },
    });
    for (let poll = 0; poll < givenUp.length; poll++) await subject.poll(stop.signal);
    expect(rejected).toEqual([
      [1, 'too_many_sessions', 7],
      [3, 'too_many_sessions', 5],
    ]);
    expect(logged.filter((line) => line.startsWith('More sessions are listed than'))).toEqual([
      expect.stringMatching(
        /"tracked_sessions":1,"remedy":"Check that the API lists .* or shorten poll.window/,
      ),
    ]);
  });

  it('is given up after an hour', async () => {
    listing = [hangs];
    const subject = poller();
    const polled = subject.poll(stop.signal);
    await pass(3600);
    await polled;
    expect(subject.status.failure?.reason).toBe('timeout');
  });

  it('that is aborted is neither a success nor a failure', async () => {
    listing = [hangs];
    const subject = poller();
    const polled = subject.poll(stop.signal);
    stop.abort();
    await polled;
    expect(happened).toEqual([]);
    expect(subject.status.pollsFinished).toBe(0);
  });

  it('shows its progress while it lists', async () => {
    listing = [
      async (arrives, signal) => {
        await answers(running)(arrives);
        await hangs(arrives, signal);
      },
    ];
    const subject = poller();
    void subject.poll(stop.signal);
    await settle();
    await pass(2);
    expect(subject.status.progress).toMatchObject({ pages: 1, rows: 1, oldestStart: noon - 600 });
    const line = 'Listing sessions {"waiting_for":"the request budget","left":"34 min","pages":1,"rows":1';
    expect(logged).toEqual([expect.stringContaining(line)]);
  });

  it('says what it waits for once a minute, and nothing of polls that are shorter', async () => {
    listing = [answers(running), answers(running), hangs];
    const subject = poller();
    await subject.poll(stop.signal);
    await subject.poll(stop.signal);
    logged.length = 0;
    void subject.poll(stop.signal);
    await settle();
    await pass(59);
    expect(logged).toEqual([]);
    await pass(61);
    expect(logged).toHaveLength(2);
  });

  it.each([
    { after: 3, lines: 1 },
    { after: 130, lines: 3 },
  ])(
    'that fails after $after s, as all do, shows its progress only if it is the first',
    async ({ after, lines }) => {
      listing = [(_arrives, signal) => sleep(after, signal).then(fails(refused))];
      const subject = poller();
      for (let poll = 0; poll < 20; poll++) {
        const polled = subject.poll(stop.signal);
        await settle();
        await pass(after);
        await polled;
      }
      const said = logged.filter((line) => line.includes('Listing sessions'));
      expect(said).toHaveLength(lines);
      expect(logged[lines]).toMatch(/^Poll failed .*the API refused the key/);
    },
  );

  it('after others have failed says what it waits for once a minute, as soon as pages arrive', async () => {
    listing = [
      fails(refused),
      async (arrives, signal) => {
        await sleep(70, signal);
        await answers(running)(arrives);
        await hangs(arrives, signal);
      },
    ];
    const subject = poller();
    await subject.poll(stop.signal);
    logged.length = 0;
    void subject.poll(stop.signal);
    await settle();
    await pass(119);
    expect(logged).toEqual([]);
    await pass(60);
    expect(logged).toEqual([expect.stringContaining('"waiting_for":"the request budget"')]);
  });
});

describe('the loop', () => {
  async function passAndSettle(seconds: number): Promise<void> {
    await pass(seconds);
    await settle();
  }

  it('polls within half a second, then every interval', async () => {
    listing = [answers(running)];
    void poller().run(stop.signal);
    await passAndSettle(0.24);
    expect(listings).toHaveLength(0);
    await passAndSettle(0.01);
    expect(listings).toHaveLength(1);
    await passAndSettle(29.9);
    expect(listings).toHaveLength(1);
    await passAndSettle(0.2);
    expect(listings).toHaveLength(2);
  });

  it.each([
    { random: 0, after: 28.5 },
    { random: 1, after: 31.5 },
  ])(
    'comes up to 5 % early or late, so that exporters do not fall into step ($after s)',
    async ({ random, after }) => {
      listing = [answers(running)];
      void poller({ random: () => random }).run(stop.signal);
      await passAndSettle(0.5 * random);
      await passAndSettle(after - 0.1);
      expect(listings).toHaveLength(1);
      await passAndSettle(0.2);
      expect(listings).toHaveLength(2);
    },
  );

  it('never overlaps: a poll that takes longer makes the next ones skip', async () => {
    const slow = (arrives: Arrives): Promise<void> =>
      new Promise((resolve) => {
        setTimeout(() => {
          arrives({ rows: [running], rejected: [] });
          resolve();
        }, 70_000);
      });
    listing = [slow, answers(running)];
    void poller().run(stop.signal);
    await passAndSettle(0.25);
    await passAndSettle(69);
    expect(listings).toHaveLength(1);
    await passAndSettle(1);
    expect(happened).toEqual(['published', 'finished', 'skipped 2']);
    await passAndSettle(20.1);
    expect(listings).toHaveLength(2);
  });

  it('keeps its pace when the time of day is set, forward or back', async () => {
    listing = [answers(running)];
    let set = 0;
    void poller({ now: () => Date.now() / 1000 + set }).run(stop.signal);
    await passAndSettle(0.5);
    for (const leap of [3 * 365 * 86_400, -3600]) {
      set = leap;
      const before = listings.length;
      await passAndSettle(30.1);
      expect(listings).toHaveLength(before + 1);
    }
    expect(happened.join()).not.toContain('skipped');
  });

  it('does not withdraw gauges while polls succeed', async () => {
    listing = [answers(running)];
    void poller().run(stop.signal);
    for (let second = 0; second < 700; second += 10) await passAndSettle(10);
    expect(happened).not.toContain('withdrawn');
  });

  it('withdraws nothing any more once it is stopped', async () => {
    listing = [answers(running)];
    const ended = poller().run(stop.signal);
    await passAndSettle(0.5);
    stop.abort();
    await ended;
    await passAndSettle(400);
    expect(happened).not.toContain('withdrawn');
  });

  it('withdraws the gauges once the last complete poll is older than stale_after, and recovers at once', async () => {
    listing = [
      answers(running),
      ...new Array<ReturnType<typeof fails>>(10).fill(fails(refused)),
      answers(running),
    ];
    const subject = poller();
    void subject.run(stop.signal);
    await passAndSettle(0.5);
    for (let second = 0; second < 299; second++) await passAndSettle(1);
    expect(happened).not.toContain('withdrawn');
    await passAndSettle(1.1);
    expect(happened).toContain('withdrawn');
    expect(subject.status.gaugesWithdrawn).toBe(true);
    for (let second = 0; second < 31; second++) await passAndSettle(1);
    expect(happened.at(-2)).toBe('published');
    expect(subject.status).toMatchObject({ gaugesWithdrawn: false, failure: undefined });
  });

  it('logs a failure when it starts and when it ends, not at every poll', async () => {
    listing = [answers(running), fails(refused), fails(refused), fails(refused), answers(running)];
    void poller().run(stop.signal);
    for (let second = 0; second < 130; second++) await passAndSettle(1);
    expect(logged).toHaveLength(3);
    expect(logged[0]).toContain('First poll complete');
    expect(logged[1]).toContain('"reason":"auth","err":"the API refused the key","remedy":"Check the key."');
    expect(logged[2]).toContain('Polls succeed again');
  });

  it('says once which budget and interval would fit each other, and once when they do again', async () => {
    const short = { ...wholeList, requestsNeeded: 75 };
    let part = short;
    listing = [answers(running)];
    moreParts = [() => Promise.resolve(part)];
    void poller().run(stop.signal);
    for (let second = 0; second < 70; second++) await passAndSettle(1);
    expect(logged.slice(1)).toEqual([
      expect.stringMatching(
        /^The request budget is too small .*"requests_needed":75,"requests_allowed":50,.*requests_per_minute to 150, or poll.interval to 45s/,
      ),
    ]);
    part = wholeList;
    for (let second = 0; second < 60; second++) await passAndSettle(1);
    expect(logged.slice(2)).toEqual([expect.stringContaining('The request budget is sufficient again')]);
  });

  it('ends at once when it is stopped while it waits', async () => {
    listing = [answers(running)];
    const ended = poller().run(stop.signal);
    await passAndSettle(0.5);
    stop.abort();
    await ended;
    await passAndSettle(100);
    expect(listings).toHaveLength(1);
  });
});

it('one poll that takes more requests than the budget has gives up no session details; a second one does', async () => {
  const dropped: unknown[] = [];
  const ended = sessionRow({ sessionId: 'RM_1', endedAt: noon + 10, activeParticipants: 0 });
  const rows = [[sessionRow({ sessionId: 'RM_1' })], [ended], [ended], [ended], [ended]];
  const needed = [1, 1, 1, 200, 200];
  const details = { take: () => [], want: () => undefined, reading: Promise.resolve() };
  const polls = poller({
    ledger: new Ledger({ ...rules, details: true }, 0),
    details,
    source: {
      read: async function* () {
        const now = Date.now() / 1000;
        const part = listedPart(now, [rows[dropped.length] ?? []], -Infinity);
        await Promise.resolve();
        yield { ...wholeList, ...part, requestsNeeded: needed[dropped.length] ?? NaN };
      },
    },
    publication: {
      publish: (snapshot) =>
        Promise.resolve(void dropped.push(Object.fromEntries(snapshot.details?.dropped ?? []))),
      isSeen: () => true,
      showDown: () => undefined,
      withdrawGauges: () => undefined,
    },
  });
  for (const time of [0, 30, 400, 430, 460]) {
    vi.setSystemTime((noon + time) * 1000);
    await polls.poll(stop.signal);
  }
  expect(dropped).toEqual([{}, {}, {}, {}, { budget: 1 }]);
});
