import { expect, test } from 'vitest';
import { autoPageRows } from '../../src/livekit/list/page-size.ts';
import { rowOrders } from '../../test/simulator-support/row-order.ts';
import { goalRatios, goalShape, mostTimeoutsAnHour } from './goal.ts';
import { servers } from './load-list.ts';
import { pollingCost } from './polling-cost.ts';

test.each([
  { server: servers.gives1000, rows: 1000 },
  { server: servers.late400, rows: 400 },
  { server: servers.caps100, rows: 100 },
])(
  'polls of a server that $server.name take few requests, in pages of $rows rows',
  async ({ server, rows }) => {
    const cost = await pollingCost({
      shape: goalShape,
      server,
      order: 'newest_first',
      requestsPerMinute: 100,
      pageSize: autoPageRows,
      polls: 40,
    });
    expect(cost.requests / cost.pagesOpen).toBeLessThanOrEqual(goalRatios.get(server) ?? 0);
    expect(cost.pageRows).toBe(rows);
    expect(cost.timeoutsAnHour).toBeLessThanOrEqual(mostTimeoutsAnHour);
    expect(cost.oldestReading).toBeLessThan(60);
    expect(cost.bytesTooMany).toBeLessThanOrEqual(0);
  },
);

test.each(rowOrders)(
  'a list that is %s is read within the budget, and nothing is counted twice',
  async (order) => {
    const shape = { name: 'middle', before: 6000, today: 1000, open: 60 };
    const cost = await pollingCost({
      shape,
      server: servers.gives1000,
      order,
      requestsPerMinute: 100,
      pageSize: autoPageRows,
      polls: 20,
    });
    expect(cost.requests).toBeLessThanOrEqual(5);
    expect(cost.bytesTooMany).toBeLessThanOrEqual(0);
    expect(cost.sessionsOff).toBeLessThan(3);
    expect(cost.firstPublished).toBeLessThan(10);
    expect(cost.windowComplete).toBeLessThan(60);
  },
);
