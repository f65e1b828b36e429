// Requests that come last: whatever they do, the session list finds the requests it needs.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

/** A budget of which the list needs so many requests in any window. */
function budgetBeside(requestsPerMinute: number, perWindow: number): RequestBudget {
  class Beside extends RequestBudget {
    override get listPerWindow(): number {
      return perWindow;
    }
  }
  return new Beside(requestsPerMinute, clock);
}

/** Wants more than there is, and notes when each was granted. */
function insatiable(budget: RequestBudget, signal: AbortSignal): number[] {
  const granted: number[] = [];
  const want = async () => {
    for (;;) {
      await budget.take(signal, 'spare');
      granted.push(clock());
    }
  };
  for (let worker = 0; worker < 3; worker++) want().catch(() => undefined);
  return granted;
}

describe('requests to spare', () => {
  it('are what the list leaves of a minute, and no more', async () => {
    const granted = insatiable(budgetBeside(100, 40), never);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(granted).toHaveLength(60);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(granted).toHaveLength(120);
  });

  it('are none before it is known what the list needs, nor when it needs all', async () => {
    for (const perWindow of [Infinity, 100, 130]) {
      const granted = insatiable(budgetBeside(100, perWindow), never);
      await vi.advanceTimersByTimeAsync(300_000);
      expect(granted).toEqual([]);
    }
  });

  it('wait while somebody waits for the list, and end waiting when asked to', async () => {
    const budget = budgetBeside(2, 1);
    await Promise.all([budget.take(never), budget.take(never)]);
    const stop = new AbortController();
    const refused = expect(budget.take(stop.signal, 'spare')).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(5000);
    stop.abort(new Error('enough'));
    await refused;
  });

  it('obey a pause that the API asks of anybody', async () => {
    const budget = budgetBeside(100, 10);
    budget.pauseUntil(clock() + 30);
    expect(budget.pauseLeft()).toBe(30);
    const granted = insatiable(budget, never);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(granted).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(granted.length).toBeGreaterThan(0);
  });
});

describe('the two accounts of the budget', () => {
  /** Requests that the spare budget grants in a minute that begins with so many requests of the list, after none for long. */
  async function grantedBeside(listed: number, perWindow: number): Promise<number> {
    const budget = budgetBeside(100, perWindow);
    for (let request = 0; request < listed; request += 1) await budget.take(never);
    const stop = new AbortController();
    const granted = insatiable(budget, stop.signal);
    await vi.advanceTimersByTimeAsync(50_000);
    stop.abort();
    return granted.length;
  }

  it('a poll that takes more than those before it is left what it takes now', async () => {
    expect(await grantedBeside(70, 10)).toBe(30);
  });

  it('a poll that has not begun is left what those before it took', async () => {
    expect(await grantedBeside(5, 60)).toBe(40);
  });

  it('what was spared before is not spared again, nor taken for the list', async () => {
    const budget = budgetBeside(100, 40);
    const granted = insatiable(budget, never);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(granted).toHaveLength(60);
    expect(budget.recent((use) => use !== 'list')).toBe(60);
    expect(budget.recent((use) => use === 'list')).toBe(0);
  });

  it('requests that go first leave less to spare, and nothing less to the list', async () => {
    const budget = budgetBeside(100, 40);
    for (let request = 0; request < 20; request += 1) await budget.take(never, 'first');
    const granted = insatiable(budget, never);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(granted).toHaveLength(40);
    expect(budget.recent((use) => use === 'list')).toBe(0);
  });
});

it('the list never waits for what came after it, and no minute holds more than the budget', async () => {
  await assertProperty(
    fc.asyncProperty(
      fc.constantFrom(1, 7, 30, 45, 61, 300),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 20, max: 120 }),
      async (interval, perPoll, requestsPerMinute) => {
        const budget = new RequestBudget(requestsPerMinute, clock);
        const stop = new AbortController();
        const granted = insatiable(budget, stop.signal);
        const pollsInMinute = Math.floor(61 / (0.95 * interval)) + 1;
        // A list that needs more than the budget waits for itself.
        const suffices = perPoll * pollsInMinute <= requestsPerMinute;
        const listed: number[] = [];
        let waited = 0;
        const polls = Math.min(40, Math.ceil(900 / interval));
        for (let poll = 0; poll < polls; poll++) {
          budget.pollBegins();
          const requests = Array.from({ length: perPoll }, async () => {
            const seconds = await budget.take(stop.signal);
            listed.push(clock());
            if (suffices) waited += seconds;
          });
          const all = Promise.all(requests).catch(() => undefined);
          await vi.advanceTimersByTimeAsync(interval * 1000);
          if (suffices) await all;
          budget.pollEnds(interval);
        }
        stop.abort();
        expect(waited).toBe(0);
        const times = [...granted, ...listed].sort((a, b) => a - b);
        for (const [index, time] of times.entries())
          expect((times[index + requestsPerMinute] ?? Infinity) - time).toBeGreaterThanOrEqual(60);
      },
    ),
    { numRuns: 25 },
  );
});

describe('what the list needs of a minute', () => {
  it.each<{ name: string; interval: number; polls: number[]; is: number }>([
    { name: 'is not known before a poll', interval: 30, polls: [], is: Infinity },
    {
      name: 'is that of two polls and a third that begins, at half a minute',
      interval: 30,
      polls: [10],
      is: 34,
    },
    {
      name: 'is that of one poll and another that comes early, at a minute',
      interval: 60,
      polls: [10],
      is: 23,
    },
    { name: 'is that of one poll at an hour', interval: 3600, polls: [10], is: 12 },
    {
      name: 'is that of the largest of ten polls',
      interval: 3600,
      polls: [50, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      is: 57,
    },
    { name: 'forgets the polls before', interval: 3600, polls: [50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], is: 3 },
  ])('$name', async ({ interval, polls, is }) => {
    const budget = new RequestBudget(100, clock);
    for (const requests of polls) {
      budget.pollBegins();
      for (let request = 0; request < requests; request += 1) await budget.take(never);
      budget.pollEnds(interval);
    }
    expect(budget.listPerWindow).toBe(is);
  });
});
