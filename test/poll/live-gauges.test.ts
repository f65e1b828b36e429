// What is exposed of a live source that fails, in part or as a whole: no gauge outlives what it was read from.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EgressState } from '../../src/core/egress-ledger.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { LiveLedger } from '../../src/core/live-ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import { SourceError } from '../../src/core/source-error.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { LivePoller } from '../../src/poll/live-poller.ts';
import { added } from '../exposition/added.ts';

const start = 1_700_000_000;
const staleAfter = 300;
const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] });
const rules = { window: 7 * 86_400, rooms: { limit: 100, linger: 600 }, details: false, labelRoom };

beforeEach(() => {
  vi.useFakeTimers({ now: start * 1000, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is published takes real time. */
let publishing = Promise.resolve();

/** A project that is read live alone. */
async function project(state?: EgressState) {
  const fails = { rooms: false, egresses: false };
  const refused = () => Promise.reject(new SourceError('network', 'no answer', 'check url'));
  const now = () => Date.now() / 1000;
  const room = { sessionId: 'RM_1', name: 'a', participants: 2, publishers: 1, isRecorded: false };
  const egress = { egressId: 'EG_1', status: 'active', startedAt: start - 10, endedAt: 0 } as const;
  const ledger = new LiveLedger(rules, start, undefined, state);
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => Date.now());
  const published = await added(exposition, 'p', new Ledger(rules, start).initialSnapshot(), {
    sources: ['live'],
    live: ledger.snapshot(),
  });
  const say = () => undefined;
  const poller = (before?: LivePoller) =>
    new LivePoller({
      interval: 15,
      staleAfter,
      egress: true,
      source: {
        readRooms: () =>
          fails.rooms ? refused() : Promise.resolve({ rooms: [room], rejected: [], sentAt: now() }),
        readEgresses: () =>
          fails.egresses ? refused() : Promise.resolve({ egresses: [egress], rejected: [], time: now() }),
      },
      ledger,
      publication: {
        publishLive: (snapshot, up) => (publishing = published.publishLive(snapshot, up)),
        showDown: (source) => published.showDown(source),
        withdrawGauges: (source) => published.withdrawGauges(source),
      },
      observer: { livePollSucceeded: say, rowRejected: say, monthEnded: say },
      log: { debug: say, info: say, warn: say, error: say },
      now,
      clock: now,
      random: () => 0.5,
      before: before?.status,
    });
  /** The values of all that is exposed of the live source now, counters but for what they began with left out. */
  const gauges = async () => {
    const { body } = await exposition.metrics({ format: 'text', encoding: 'identity' });
    const lines = body.toString().split('\n');
    const wanted = /^livekit_cloud_live_(up|rooms|room_participants|egresses)\{(.*)\} (.*)$/;
    return Object.fromEntries(
      lines.flatMap((line) => {
        const [, name, labels, value] = wanted.exec(line) ?? [];
        const isShown = name && (name !== 'egresses' || labels?.includes('active'));
        return isShown ? [[name, Number(value)]] : [];
      }),
    );
  };
  return { fails, poller, gauges, ledger, published };
}

type Fails = Awaited<ReturnType<typeof project>>['fails'];

/** Polls every 15 seconds for so long. */
async function run(poller: LivePoller, seconds: number): Promise<void> {
  const stop = new AbortController();
  const ended = poller.run(stop.signal);
  for (let second = 0; second < seconds; second++) {
    await vi.advanceTimersByTimeAsync(1000);
    await publishing;
  }
  stop.abort();
  await ended;
}

const all = { up: 1, rooms: 1, room_participants: 2, egresses: 1 };

test.each<[string, Partial<Fails>, object, object]>([
  ['the whole API', { rooms: true, egresses: true }, { ...all, up: 0 }, { up: 0 }],
  ['rooms', { rooms: true }, { ...all, up: 0 }, { up: 0, egresses: 1 }],
  ['egresses', { egresses: true }, { ...all, up: 0 }, { up: 0, rooms: 1, room_participants: 2 }],
])(
  'when %s cannot be read for poll.stale_after, the gauges of it are gone and stay so',
  async (_, failing, soon, late) => {
    const { fails, poller, gauges } = await project();
    const live = poller();
    await run(live, 20);
    expect(await gauges()).toEqual(all);
    Object.assign(fails, failing);
    const next = poller(live);
    await run(next, 60);
    expect(await gauges()).toEqual(soon);
    const last = poller(next);
    await run(last, staleAfter + 30);
    expect(await gauges()).toEqual(late);
    Object.assign(fails, { rooms: false, egresses: false });
    await run(poller(last), 20);
    expect(await gauges()).toEqual(all);
  },
);

test.each<[string, Partial<Fails>, object]>([
  ['the whole API', { rooms: true, egresses: true }, { up: 0 }],
  ['egresses', { egresses: true }, { up: 0, rooms: 1, room_participants: 2 }],
])('after a restart nothing is said of what is not read: %s is down', async (_, failing, shown) => {
  const before = await project();
  await run(before.poller(), 20);
  const { fails, poller, gauges } = await project(before.ledger.egresses.state());
  Object.assign(fails, failing);
  await run(poller(), 20);
  expect(await gauges()).toEqual(shown);
});

test('where egresses always fail, rooms that are not read are withdrawn too', async () => {
  const { fails, poller, gauges } = await project();
  fails.egresses = true;
  const live = poller();
  await run(live, 20);
  expect(await gauges()).toEqual({ up: 0, rooms: 1, room_participants: 2 });
  fails.rooms = true;
  await run(poller(live), staleAfter + 30);
  expect(await gauges()).toEqual({ up: 0 });
});

test('a project that is read live again shows nothing of before', async () => {
  const { gauges, poller, published } = await project();
  await run(poller(), 20);
  published.configure({ sources: ['list'], plan: undefined });
  published.configure({ sources: ['live'], plan: undefined });
  expect(await gauges()).toEqual({ up: 0 });
});
