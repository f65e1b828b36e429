// `npm run requests`: what polls cost in requests, beside what they cannot do without, in simulated time.
import { rowOrders } from '../../src/simulator/row-order.ts';
import { SimulatedPolls } from './simulated-polls.ts';

async function main() {
  const startedAt = Date.UTC(2026, 10, 17, 11, 30) / 1000;
  for (const [name, activeRooms, rpm] of [
    ['small', 4, 100],
    ['middle', 60, 100],
    ['goal', 250, 100],
    ['goal, budget 1000', 250, 1000],
  ] as const) {
    for (const order of rowOrders) {
      const polls = new SimulatedPolls({
        seed: 1,
        startedAt,
        activeRooms,
        order,
        pageSize: 100,
        requestsPerMinute: rpm,
        interval: 30,
      });
      let requests = 0;
      let limit = 0;
      let whole = 0;
      let oldest = 0;
      let wrong = 0;
      let windowAt: number | undefined;
      const began = Date.now();
      let n = 0;
      for (let poll = 0; poll < 120; poll++) {
        const cost = await polls.poll();
        if (cost.windowComplete) windowAt ??= cost.at - startedAt;
        if (!cost.windowComplete || poll < 40) continue;
        n += 1;
        requests += cost.requests;
        limit += cost.limit;
        whole += cost.whole;
        oldest = Math.max(oldest, cost.oldestReading);
        wrong += Math.abs(cost.activeSessions - cost.trulyActive);
      }
      console.log(
        name,
        order,
        'sessions',
        polls.snapshot?.trackedSessions,
        'active',
        polls.snapshot?.activeSessions,
        'window after',
        windowAt,
        'polls',
        n,
        'requests/poll',
        (requests / n).toFixed(1),
        'limit',
        (limit / n).toFixed(1),
        'whole',
        (whole / n).toFixed(1),
        'ratio',
        (requests / limit).toFixed(2),
        'oldest',
        oldest.toFixed(0),
        'wrong',
        (wrong / n).toFixed(2),
        'ms',
        Date.now() - began,
      );
    }
  }
}
void main();
