// Whatever a session list does while it is read, the counters end where the truth does.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceError } from '../../src/core/source-error.ts';
import { type ListOrder, MemoryList } from '../livekit/list/memory-list.ts';
import { Polls } from '../livekit/list/polls.ts';
import { noon, sessionRow } from '../core/session-rows.ts';
import { assertProperty } from '../property.ts';

type Event =
  | { readonly kind: 'start'; readonly secondsAgo: number; readonly lasts: boolean }
  | { readonly kind: 'grow' | 'end' | 'hide' | 'show' | 'double' | 'shrink'; readonly which: number }
  | { readonly kind: 'startsWhileRead' | 'fail'; readonly request: number }
  | { readonly kind: 'reorder'; readonly order: ListOrder }
  | { readonly kind: 'cap' | 'skippingCap' | 'lateFrom'; readonly rows: number }
  | { readonly kind: 'poll' };

const orders: readonly ListOrder[] = ['newest_first', 'oldest_first', 'none'];
const which = fc.nat(30);
const firstRows = 3;
const request = fc.integer({ min: 1, max: 8 });

const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'poll' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      // One that is listed late is in the middle of the list when it comes.
      secondsAgo: fc.oneof(fc.constant(0), fc.nat(2400)),
      lasts: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('grow', 'grow', 'end', 'hide', 'show', 'double', 'shrink'),
      which,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('startsWhileRead', 'fail'), request }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reorder' as const), order: fc.constantFrom(...orders) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('cap' as const, 'skippingCap' as const, 'lateFrom' as const),
      // The first size is given in time.
      rows: fc.constantFrom(firstRows, 7, Infinity),
    }),
  },
);

/** The list, the truth about it, and the polls that are to find it out. */
class World {
  readonly time: { now: number };
  readonly list: MemoryList;
  readonly polls: Polls;
  readonly firstStart: number;
  /** Sessions in order of appearance, and what they have truly come to. */
  readonly truth = new Map<string, { bandwidthIn: number; bandwidthOut: number; participants: number }>();
  #disturbances: { request: number; act: () => void }[] = [];
  /** Pages of more rows come too late. */
  #lateFrom = Infinity;

  constructor(startsAt: number, order: ListOrder) {
    this.time = { now: startsAt };
    this.firstStart = startsAt;
    this.list = new MemoryList(this.time);
    this.list.order = order;
    this.polls = new Polls({ list: this.list, time: this.time, pageSize: { first: firstRows, largest: 12 } });
  }

  start(secondsAgo: number, lasts: boolean): void {
    const sessionId = `RM_${String((this.truth.size * 7919) % 1009).padStart(4, '0')}`;
    const createdAt = Math.max(this.firstStart, this.time.now - secondsAgo);
    const total = {
      bandwidthIn: 1000 + this.truth.size,
      bandwidthOut: 5000 + this.truth.size,
      participants: 2,
    };
    this.truth.set(sessionId, total);
    const endedAt = lasts ? 0 : this.time.now;
    this.list.add(sessionRow({ sessionId, createdAt, lastActive: this.time.now, endedAt, ...total }));
  }

  apply(event: Exclude<Event, { kind: 'poll' }>): void {
    switch (event.kind) {
      case 'start':
        return this.start(event.secondsAgo, event.lasts);
      case 'startsWhileRead':
        this.#disturbances.push({ request: event.request, act: () => this.start(0, true) });
        return;
      case 'fail':
        this.#disturbances.push({
          request: event.request,
          act: () => {
            throw new SourceError('server', 'the API has failed', 'wait');
          },
        });
        return;
      case 'reorder':
        this.list.order = event.order;
        return;
      case 'cap':
      case 'skippingCap':
        this.list.cap = event.rows;
        this.list.capSkips = event.kind === 'skippingCap';
        return;
      case 'lateFrom':
        this.#lateFrom = event.rows;
        return;
    }
    const ids = [...this.truth.keys()];
    const sessionId = ids[event.which % ids.length];
    if (sessionId === undefined) return;
    const total = this.truth.get(sessionId)!;
    switch (event.kind) {
      case 'grow':
        total.bandwidthIn += 17;
        total.bandwidthOut += 29;
        total.participants += 1;
        return this.list.change(sessionId, { ...total, lastActive: this.time.now });
      case 'end':
        return this.list.change(sessionId, { ...total, endedAt: this.time.now });
      case 'shrink':
        return this.list.change(sessionId, { bandwidthIn: 3, bandwidthOut: 5, participants: 0 });
      case 'hide':
        return void this.list.hidden.add(sessionId);
      case 'show':
        return void this.list.hidden.delete(sessionId);
      case 'double':
        return void this.list.doubled.add(sessionId);
    }
  }

  async poll(): Promise<void> {
    const due = this.#disturbances;
    this.#disturbances = [];
    const before = this.list.asked.length;
    this.list.onRequest = ({ pageSize }, number) => {
      if (pageSize > this.#lateFrom) throw new SourceError('timeout', 'too slow', 'wait');
      for (const { request, act } of due) if (request === number - before) act();
    };
    await this.polls.poll().catch((error: unknown) => {
      if (!(error instanceof SourceError)) throw error;
    });
  }

  /** Everything is listed as it is, ends, settles and is read. */
  async settle(): Promise<void> {
    this.list.hidden.clear();
    this.list.doubled.clear();
    this.#disturbances = [];
    for (const [sessionId, total] of this.truth) this.list.change(sessionId, total);
    for (let poll = 0; poll < 21; poll++) await this.poll();
    for (const sessionId of this.truth.keys()) {
      const { endedAt } = this.list.sessions.get(sessionId)!;
      if (endedAt === 0) this.list.change(sessionId, { endedAt: this.time.now });
    }
    for (let poll = 0; poll < 30; poll++) await this.poll();
  }
}

test('counters end where the truth does, whatever the list does meanwhile', async () => {
  await assertProperty(
    fc.asyncProperty(
      fc.constantFrom(...orders),
      fc.integer({ min: -11, max: 11 }),
      // So many that pages have become larger by then.
      fc.constantFrom(0, 0, 40),
      fc.array(events, { minLength: 5, maxLength: 60 }),
      async (order, hours, sessions, happening) => {
        const world = new World(noon + hours * 3600, order);
        // Counters count from an empty list on.
        await world.poll();
        for (let started = 0; started < sessions; started++) world.start(0, started % 3 > 0);
        if (sessions > 0) for (let polls = 0; polls < 4; polls++) await world.poll();
        for (const event of happening) {
          if (event.kind === 'poll') await world.poll();
          else world.apply(event);
        }
        await world.settle();
        const parts = await world.polls.poll();
        const totals = [...world.truth.values()];
        expect(parts.at(-1)?.snapshot).toMatchObject({
          counters: {
            bandwidthIn: totals.reduce((sum, { bandwidthIn }) => sum + bandwidthIn, 0),
            bandwidthOut: totals.reduce((sum, { bandwidthOut }) => sum + bandwidthOut, 0),
            participantsJoined: totals.reduce((sum, { participants }) => sum + participants, 0),
            sessionsStarted: totals.length,
          },
          sessionsEnded: totals.length,
          activeSessions: 0,
        });
      },
    ),
    { numRuns: 100 },
  );
});
