import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RequestBudget } from '../../../src/livekit/client/request-budget.ts';
import { assertProperty } from '../../property.ts';

const clock = () => performance.now() / 1000;
const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Takes from the budget and notes who was served and when. */
function takers(budget: RequestBudget) {
  const start = clock();
  const served: { who: string; after: number; waited: number }[] = [];
  const take = (who: string, signal = never) =>
    budget.take(signal).then((waited) => {
      served.push({ who, after: clock() - start, waited });
    });
  return { served, take };
}

test('serves at once as long as the minute is not used up', async () => {
  const { served, take } = takers(new RequestBudget(3, clock));
  await Promise.all([take('a'), take('b'), take('c')]);
  expect(served).toEqual(['a', 'b', 'c'].map((who) => ({ who, after: 0, waited: 0 })));
});

test('serves the others in their order, a minute after those before them', async () => {
  const { served, take } = takers(new RequestBudget(2, clock));
  await Promise.all([take('a'), take('b')]);
  void take('c');
  await vi.advanceTimersByTimeAsync(10_000);
  void take('d');
  void take('e');
  await vi.advanceTimersByTimeAsync(50_000);
  expect(served).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(served.slice(2)).toEqual([
    { who: 'c', after: 61, waited: 61 },
    { who: 'd', after: 61, waited: 51 },
  ]);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(served[4]).toEqual({ who: 'e', after: 122, waited: 112 });
});

test('serves nobody before those who wait already, even when it is time for both', async () => {
  let time = 0;
  const budget = new RequestBudget(1, () => time);
  await budget.take(never);
  time = 61;
  expect(budget.recent()).toBe(0);
  expect(budget.takeSpare()).toBe(true);
  const served: string[] = [];
  void budget.take(never).then(() => served.push('waiting'));
  // The timer of the one who waits is late.
  time = 122;
  expect(budget.takeSpare()).toBe(false);
  void budget.take(never).then(() => served.push('new'));
  await vi.advanceTimersByTimeAsync(0);
  expect(served).toEqual(['waiting']);
  time = 183;
  await vi.advanceTimersByTimeAsync(61_000);
  expect(served).toEqual(['waiting', 'new']);
});

test('never serves more than the budget in any minute', async () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 30 });
  await assertProperty(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), arrivals, async (perMinute, gaps) => {
      const { served, take } = takers(new RequestBudget(perMinute, clock));
      for (const gap of gaps) {
        void take('someone');
        await vi.advanceTimersByTimeAsync(gap);
      }
      await vi.advanceTimersByTimeAsync(gaps.length * 61_000);
      expect(served).toHaveLength(gaps.length);
      served.slice(perMinute).forEach(({ after }, index) => {
        expect(after - served[index]!.after).toBeGreaterThan(60);
      });
    }),
    { numRuns: 30 },
  );
});

test('holds over a move: whoever takes over from one that was killed sends no more in any minute', async () => {
  const moves = fc.record({
    perMinute: fc.integer({ min: 1, max: 12 }),
    killedAfter: fc.integer({ min: 0, max: 30_000 }),
    silence: fc.integer({ min: 0, max: 20_000 }),
  });
  await assertProperty(
    fc.asyncProperty(moves, async ({ perMinute, killedAfter, silence }) => {
      const times: number[] = [];
      const poll = (budget: RequestBudget, signal: AbortSignal) => {
        const next = async (): Promise<void> => {
          await budget.take(signal);
          times.push(clock());
          await next();
        };
        void next().catch(() => undefined);
      };
      const before = new RequestBudget(perMinute, clock);
      const reserve = before.share();
      const killed = new AbortController();
      poll(before, killed.signal);
      let told = 0;
      for (let passed = 0; passed < killedAfter; passed += 2000) {
        told = before.tell();
        await vi.advanceTimersByTimeAsync(Math.min(2000, killedAfter - passed));
      }
      killed.abort(new Error('killed'));
      await vi.advanceTimersByTimeAsync(silence);
      const after = new RequestBudget(perMinute, clock);
      after.share();
      after.countOthers(told + reserve);
      const ended = new AbortController();
      poll(after, ended.signal);
      for (let passed = 0; passed < 150_000; passed += 2000) {
        after.tell();
        await vi.advanceTimersByTimeAsync(2000);
      }
      ended.abort(new Error('over'));
      expect(times.length).toBeGreaterThan(perMinute);
      times.slice(perMinute).forEach((time, index) => expect(time - times[index]!).toBeGreaterThan(60));
    }),
    { numRuns: 20 },
  );
});

test('leaves after a move what others have not sent, and sends a quarter of it before it tells them', async () => {
  const budget = new RequestBudget(8, clock);
  expect(budget.share()).toBe(2);
  budget.countOthers(3);
  const { served, take } = takers(budget);
  for (const who of ['a', 'b', 'c', 'd', 'e', 'f']) void take(who);
  await vi.advanceTimersByTimeAsync(0);
  expect(served).toHaveLength(2);
  expect(budget.tell()).toBe(7);
  expect(budget.tell()).toBe(8);
  await vi.advanceTimersByTimeAsync(0);
  expect(served).toHaveLength(5);
});

describe('a pause', () => {
  test('stops everybody to the second', async () => {
    const budget = new RequestBudget(10, clock);
    const { served, take } = takers(budget);
    budget.pauseUntil(clock() + 5);
    void take('a');
    void take('b');
    await vi.advanceTimersByTimeAsync(4999);
    expect(served).toEqual([]);
    expect(budget.pauseLeft()).toBeCloseTo(0.001);
    await vi.advanceTimersByTimeAsync(1);
    expect(served.map(({ who }) => who)).toEqual(['a', 'b']);
    expect(budget.pauseLeft()).toBe(0);
  });

  test('holds for those who wait already', async () => {
    const budget = new RequestBudget(1, clock);
    const { served, take } = takers(budget);
    await take('a');
    void take('b');
    budget.pauseUntil(clock() + 90);
    await vi.advanceTimersByTimeAsync(89_000);
    expect(served).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(served).toHaveLength(2);
  });

  test('is not shortened by a later one', async () => {
    const budget = new RequestBudget(1, clock);
    budget.pauseUntil(clock() + 90);
    budget.pauseUntil(clock() + 5);
    expect(budget.pauseLeft()).toBe(90);
  });

  test('can be longer than a timer counts', async () => {
    const budget = new RequestBudget(1, clock);
    const { served, take } = takers(budget);
    budget.pauseUntil(clock() + 30 * 86_400);
    void take('a');
    await vi.advanceTimersByTimeAsync(1000);
    expect(served).toEqual([]);
    expect(vi.getTimerCount()).toBe(1);
  });
});

describe('an abort', () => {
  test('ends the wait with its reason and leaves no timer', async () => {
    const budget = new RequestBudget(1, clock);
    await budget.take(never);
    const controller = new AbortController();
    const waiting = budget.take(controller.signal);
    controller.abort(new Error('shutting down'));
    await expect(waiting).rejects.toThrow('shutting down');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('costs the others nothing', async () => {
    const budget = new RequestBudget(1, clock);
    const { served, take } = takers(budget);
    await take('a');
    const controller = new AbortController();
    const left = take('b', controller.signal).catch(() => 'left');
    void take('c');
    controller.abort();
    await expect(left).resolves.toBe('left');
    await vi.advanceTimersByTimeAsync(61_000);
    expect(served[1]).toEqual({ who: 'c', after: 61, waited: 61 });
  });

  test('after having been served costs the others nothing', async () => {
    const budget = new RequestBudget(1, clock);
    const { served, take } = takers(budget);
    await take('a');
    const controller = new AbortController();
    void take('b', controller.signal);
    void take('c');
    await vi.advanceTimersByTimeAsync(61_000);
    controller.abort();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(served.map(({ who }) => who)).toEqual(['a', 'b', 'c']);
  });

  test('of before costs nothing at all', async () => {
    const budget = new RequestBudget(1, clock);
    await expect(budget.take(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    await expect(budget.take(never)).resolves.toBe(0);
  });
});

test('whoever goes first is served before those who wait in turn, in the order of their coming', async () => {
  const budget = new RequestBudget(1, clock);
  const { served, take } = takers(budget);
  await take('before');
  void take('list 1');
  void take('list 2');
  for (const who of ['first 1', 'first 2'])
    void budget.take(never, 'first').then((waited) => served.push({ who, after: clock(), waited }));
  await vi.advanceTimersByTimeAsync(5 * 61_000);
  expect(served.map(({ who }) => who)).toEqual(['before', 'first 1', 'first 2', 'list 1', 'list 2']);
});

test('says what the next request waits for', async () => {
  const budget = new RequestBudget(1, clock);
  const answer = 'an answer';
  await budget.take(never);
  expect(budget.waitsFor).toBe(answer);
  const waiting = budget.take(never);
  expect(budget.waitsFor).toBe('the request budget (api.requests_per_minute)');
  budget.pauseUntil(clock() + 90);
  expect(budget.waitsFor).toBe('the end of a pause that the API asked for');
  await vi.advanceTimersByTimeAsync(91_000);
  await waiting;
  expect(budget.waitsFor).toBe(answer);
});
