import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LiveEgress, LiveRoom, LiveSource } from '../../src/core/live.ts';
import { LiveLedger, type LiveSnapshot } from '../../src/core/live-ledger.ts';
import { SourceError } from '../../src/core/source-error.ts';
import { LivePoller, type LivePollerOptions } from '../../src/poll/live-poller.ts';

const start = 1_700_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: start * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function room(name: string, participants: number): LiveRoom {
  return { sessionId: `RM_${name}`, name, participants, publishers: 0, isRecorded: false };
}

/** A project whose answers can be changed; what was published, kept and logged. */
function project(options: Partial<LivePollerOptions> = {}) {
  const answers = {
    rooms: [room('a', 2)],
    egresses: [] as LiveEgress[],
    failure: undefined as SourceError | undefined,
  };
  const published: { snapshot: LiveSnapshot; up: boolean }[] = [];
  const lines: string[] = [];
  const log = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const now = () => Date.now() / 1000;
  const source: LiveSource = {
    readRooms: () => Promise.resolve({ rooms: answers.rooms, rejected: ['invalid_number'], sentAt: now() }),
    readEgresses: () =>
      answers.failure
        ? Promise.reject(answers.failure)
        : Promise.resolve({ egresses: answers.egresses, rejected: [], time: now() }),
  };
  const withdrawGauges = vi.fn();
  const livePollSucceeded = vi.fn();
  const rowRejected = vi.fn();
  const rules = { labelRoom: (name: string) => ({ name, publishable: true }), rooms: { limit: 10 } };
  const poller = new LivePoller({
    interval: 15,
    staleAfter: 300,
    egress: true,
    source,
    ledger: new LiveLedger(rules, start),
    publication: {
      publishLive: (snapshot, up) => Promise.resolve(void published.push({ snapshot, up })),
      showDown: () => undefined,
      withdrawGauges,
    },
    observer: { livePollSucceeded, rowRejected, monthEnded: () => undefined },
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    now,
    clock: now,
    random: () => 0.5,
    ...options,
  });
  return { answers, published, lines, poller, withdrawGauges, livePollSucceeded, rowRejected };
}

const { signal } = new AbortController();

describe('a live poll', () => {
  test('publishes rooms and egresses, and counts rows that cannot be used', async () => {
    const { poller, published, rowRejected, livePollSucceeded } = project();
    await poller.poll(signal);
    expect(published).toMatchObject([
      { up: true, snapshot: { rooms: { rooms: 1, participants: 2 }, egresses: { seconds: 0 } } },
    ]);
    expect(rowRejected).toHaveBeenCalledWith('invalid_number');
    expect(livePollSucceeded).toHaveBeenCalledWith(start);
    expect(poller.status).toMatchObject({ pollsFinished: 1, lastSuccessAt: start, failure: undefined });
  });

  test('whose egresses fail still publishes the rooms, and is down with the cause', async () => {
    const { poller, published, answers, lines, livePollSucceeded } = project();
    answers.failure = new SourceError('auth', 'refused', 'set live.egress to false');
    await poller.poll(signal);
    answers.rooms = [room('a', 5)];
    await poller.poll(signal);
    expect(published.map(({ up, snapshot }) => [up, snapshot.rooms?.participants])).toEqual([
      [false, 2],
      [false, 5],
    ]);
    expect(livePollSucceeded).not.toHaveBeenCalled();
    expect(poller.status.failure).toEqual({
      reason: 'auth',
      message: 'refused',
      remedy: 'set live.egress to false',
      since: start,
    });
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  test('asks for no egresses where they are not wanted', async () => {
    const { poller, published, answers } = project({ egress: false });
    answers.failure = new SourceError('auth', 'refused', '');
    await poller.poll(signal);
    expect(published).toMatchObject([{ up: true, snapshot: { egresses: undefined } }]);
  });

  test('keeps what was counted before it is published', async () => {
    const order: string[] = [];
    const { poller } = project({
      keep: () => Promise.resolve(void order.push('kept')),
      publication: {
        publishLive: () => Promise.resolve(void order.push('published')),
        showDown: vi.fn(),
        withdrawGauges: vi.fn(),
      },
    });
    await poller.poll(signal);
    expect(order).toEqual(['kept', 'published']);
  });

  test('publishes what it has read, however long the state takes to be kept', async () => {
    const keep = () => vi.advanceTimersByTimeAsync(200_000).then(() => undefined);
    const { poller, published, withdrawGauges } = project({ keep });
    await poller.poll(signal);
    await vi.advanceTimersByTimeAsync(200_000);
    await poller.poll(signal);
    expect(withdrawGauges).toHaveBeenCalledTimes(1);
    expect(published.at(-1)).toMatchObject({ up: true, snapshot: { rooms: { rooms: 1 } } });
  });

  test('withdraws its gauges when none was complete for poll.stale_after', async () => {
    const { poller, withdrawGauges } = project();
    await poller.poll(signal);
    await vi.advanceTimersByTimeAsync(299_000);
    expect(withdrawGauges).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    expect(withdrawGauges).toHaveBeenCalledOnce();
    expect(poller.status.gaugesWithdrawn).toBe(true);
  });

  test('that succeeds after failures says so once', async () => {
    const { poller, answers, lines } = project();
    await poller.poll(signal);
    answers.failure = new SourceError('network', 'no answer', 'check url');
    await poller.poll(signal);
    answers.failure = undefined;
    await poller.poll(signal);
    expect(lines.map((line) => line.split(' {')[0])).toEqual([
      'info First live poll complete',
      'error Live poll failed: the last values stay',
      'info Live polls succeed again',
    ]);
  });
});
