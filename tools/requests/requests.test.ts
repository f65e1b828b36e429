import { expect, test } from 'vitest';
import { rowOrders } from '../../test/simulator-support/row-order.ts';
import { goalRatio, goalShape } from './goal.ts';
import { pollingCost } from './polling-cost.ts';

test('polls of a list that is newest first take at most half more requests than pages hold open sessions', async () => {
  const cost = await pollingCost({
    shape: goalShape,
    order: 'newest_first',
    requestsPerMinute: 100,
    polls: 40,
  });
  expect(cost.requests / cost.pagesOpen).toBeLessThanOrEqual(goalRatio);
  expect(cost.oldestReading).toBeLessThan(60);
});

test.each(rowOrders)(
  'a list that is %s is read within the budget, and nothing is counted twice',
  async (order) => {
    const shape = { name: 'middle', before: 6000, today: 1000, open: 60 };
    const cost = await pollingCost({ shape, order, requestsPerMinute: 100, polls: 20 });
    expect(cost.requests).toBeLessThanOrEqual(50);
    expect(cost.bytesTooMany).toBeLessThanOrEqual(0);
    expect(cost.sessionsOff).toBeLessThan(3);
    expect(cost.firstPublished).toBeLessThan(10);
    expect(cost.windowComplete).toBeLessThan(600);
  },
);
