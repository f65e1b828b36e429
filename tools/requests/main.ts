// `npm run requests`: what polls cost in requests, beside what they cannot do without, in simulated time. Exits
// with 1 when a goal is missed.
import { autoPageRows } from '../../src/livekit/list/page-size.ts';
import { rowOrders } from '../../test/simulator-support/row-order.ts';
import type { LoadShape } from './load.ts';
import { servers, type ServerKind } from './load-list.ts';
import { goalRatios, goalShape, mostTimeoutsAnHour } from './goal.ts';
import { pollingCost } from './polling-cost.ts';

/** Shapes, each with the budgets that it is polled with and the servers that are asked. */
const cases: readonly { shape: LoadShape; budgets: readonly number[]; asked: readonly ServerKind[] }[] = [
  { shape: { name: 'small', before: 300, today: 50, open: 4 }, budgets: [100], asked: [servers.gives1000] },
  {
    shape: { name: 'middle', before: 6000, today: 1000, open: 60 },
    budgets: [100],
    asked: [servers.gives1000, servers.caps100],
  },
  { shape: goalShape, budgets: [100], asked: Object.values(servers) },
  {
    shape: { name: 'very large', before: 84_000, today: 16_000, open: 1600 },
    budgets: [100, 1000],
    asked: [servers.gives1000, servers.caps100],
  },
];
const polls = 40;
/** So many are an hour and more. */
const pollsOfLateServer = 120;

const headings = [
  'Project',
  'Server',
  'Order of rows',
  'Budget',
  'Requests a poll',
  'Rows a poll',
  'Rows a page',
  'Pages open',
  'Pages all',
  'Ratio',
  'Timeouts/h',
  'Oldest reading',
  'Published after',
  'Window after',
  'Sessions off',
  '',
];

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});

async function main(): Promise<void> {
  console.log(
    `Means of ${polls} polls, one every 30 s or as soon as the one before has ended, with api.page_size: auto. Budget: requests a minute. ` +
      'Pages open: pages of 100 rows that hold an open session. Pages all: those of all days on which one is open. ' +
      'Ratio: requests to pages open.',
  );
  print(headings);
  let missed = false;
  for (const { shape, budgets, asked } of cases) {
    for (const [server, requestsPerMinute, order] of combinations(asked, budgets, rowOrders)) {
      const cost = await pollingCost({
        shape,
        server,
        order,
        requestsPerMinute,
        pageSize: autoPageRows,
        polls: server === servers.late400 ? pollsOfLateServer : polls,
      });
      const ratio = cost.requests / cost.pagesOpen;
      const goal = shape === goalShape && order === 'newest_first' ? goalRatios.get(server) : undefined;
      const isMissed =
        ratio > (goal ?? Infinity) || cost.bytesTooMany > 0 || cost.timeoutsAnHour > mostTimeoutsAnHour;
      missed ||= isMissed;
      print([
        shape.name,
        server.name,
        order,
        String(requestsPerMinute),
        cost.requests.toFixed(1),
        cost.rows.toFixed(0),
        String(cost.pageRows),
        cost.pagesOpen.toFixed(1),
        cost.pagesAll.toFixed(1),
        ratio.toFixed(2),
        cost.timeoutsAnHour.toFixed(1),
        `${cost.oldestReading.toFixed(0)} s`,
        `${cost.firstPublished.toFixed(0)} s`,
        cost.windowComplete < Infinity ? `${cost.windowComplete.toFixed(0)} s` : 'never',
        cost.sessionsOff.toFixed(1),
        isMissed ? 'MISSED' : goal === undefined ? '' : `goal: ${String(goal)}, met`,
      ]);
    }
  }
  if (missed) process.exitCode = 1;
}

function combinations<A, B, C>(first: readonly A[], second: readonly B[], third: readonly C[]): [A, B, C][] {
  return first.flatMap((a) => second.flatMap((b) => third.map((c): [A, B, C] => [a, b, c])));
}

function print(cells: readonly string[]): void {
  console.log(
    cells
      .map((cell, column) => cell.padEnd(Math.max(12, headings[column]?.length ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
