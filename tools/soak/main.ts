// `npm run soak`: a week of polls by a clock that passes as fast as the machine can, and a million room names. Exits
// with 1 when what is held grows beyond its bounds. Needs `--expose-gc`.
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import { Polls, type PolledPart } from '../../test/livekit/list/polls.ts';
import { complete, listedPart, sessionRow } from '../../test/core/session-rows.ts';
import { LoadList } from '../requests/load-list.ts';
import { drawSessions, firstPollAt } from '../requests/load.ts';

const daySeconds = 86_400;
const sessionsPerDay = 10_000;
const roomLimit = 500;
/** Sessions are held for the window of 7 days and one more, and are forgotten once an hour. */
const daysHeld = 8 + 1 / 24;
/** Chance makes some days busier than others. */
const tolerance = 1.05;
/** The first measurement holds 7 days of sessions, the last one 8. */
const heapGrowth = 1.25;

let missed = false;

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});

async function main(): Promise<void> {
  await weekOfPolls();
  millionRooms();
  if (missed) process.exitCode = 1;
}

/** A week of polls, one a minute, of 10,000 sessions a day in 5,000 rooms, about 70 of them open at a time. */
async function weekOfPolls(): Promise<void> {
  const today = Math.round((sessionsPerDay * (firstPollAt % daySeconds)) / daySeconds);
  const shape = { name: 'soak', before: 6 * sessionsPerDay, today, open: 70 };
  const sessions = drawSessions(shape, firstPollAt + 7.1 * daySeconds);
  const time = { now: firstPollAt };
  const requestsPerMinute = 100;
  const list = new LoadList(sessions, 'newest_first', requestsPerMinute, time);
  const polls = new Polls({ list, time, pageSize: 100, requestsPerMinute, interval: 60 });

  let mostTracked = 0;
  let mostRooms = 0;
  let heapAfterFirstDay: number | undefined;
  let pollsDone = 0;
  while (time.now < firstPollAt + 7 * daySeconds) {
    const { snapshot } = (await polls.poll()).at(-1) as PolledPart;
    pollsDone += 1;
    mostTracked = Math.max(mostTracked, snapshot.trackedSessions);
    mostRooms = Math.max(mostRooms, snapshot.publishedRooms);
    if (time.now >= firstPollAt + daySeconds) heapAfterFirstDay ??= usedHeap();
  }
  console.log(`A week of ${String(sessionsPerDay)} sessions a day: ${String(pollsDone)} polls`);
  check('requests a poll', list.requests / pollsDone, requestsPerMinute);
  check('sessions tracked, at most', mostTracked, sessionsPerDay * daysHeld * tolerance);
  check('rooms published, at most', mostRooms, roomLimit);
  checkHeap(heapAfterFirstDay ?? NaN, polls.ledger);
}

/** A million sessions, each in a room of its own, 12,500 a day. */
function millionRooms(): void {
  const ledger = new Ledger(
    {
      window: 7 * daySeconds,
      rooms: { limit: roomLimit, linger: 600 },
      details: false,
      labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] }),
    },
    firstPollAt,
  );
  const [rooms, perReading, perDay] = [1_000_000, 100, 12_500];
  let now = firstPollAt;
  let mostTracked = 0;
  let mostRooms = 0;
  let heapEarly: number | undefined;
  for (let first = 0; first < rooms; first += perReading) {
    now += (perReading * daySeconds) / perDay;
    const rows = Array.from({ length: perReading }, (_, number) => {
      const name = String(first + number);
      return sessionRow({
        sessionId: `RM_${name}`,
        roomName: `room ${name}`,
        createdAt: now - 5,
        endedAt: now,
      });
    });
    const { trackedSessions, publishedRooms } = complete(ledger.advance(listedPart(now, [rows]), now));
    mostTracked = Math.max(mostTracked, trackedSessions);
    mostRooms = Math.max(mostRooms, publishedRooms);
    if (first >= rooms / 5) heapEarly ??= usedHeap();
  }
  console.log(`${String(rooms)} rooms in ${String(rooms / perDay)} days`);
  check('sessions tracked, at most', mostTracked, perDay * daysHeld * tolerance);
  check('rooms published, at most', mostRooms, roomLimit);
  checkHeap(heapEarly ?? NaN, ledger);
}

function checkHeap(early: number, ledger: Ledger): void {
  const end = usedHeap();
  // Used after the measurement, or it would be collected before.
  console.log(`  sessions tracked at the end: ${String(ledger.initialSnapshot().trackedSessions)}`);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  check(`heap at the end, ${megabytes(end)}, to that of early, ${megabytes(early)}`, end / early, heapGrowth);
}

function check(what: string, value: number, atMost: number): void {
  const met = value <= atMost;
  missed ||= !met;
  const rounded = (number: number): string => String(Math.round(number * 100) / 100);
  console.log(`  ${what}: ${rounded(value)}, bound ${rounded(atMost)}${met ? '' : ': MISSED'}`);
}

function usedHeap(): number {
  if (!globalThis.gc) throw new Error('Run with --expose-gc.');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
