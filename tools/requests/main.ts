// `npm run requests`: what polls cost in requests, beside what they cannot do without, in simulated time. Exits
// with 1 when the goal is missed.
import { rowOrders } from '../../test/simulator-support/row-order.ts';
import type { LoadShape } from './load.ts';
import { goalRatio, goalShape } from './goal.ts';
import { pollingCost } from './polling-cost.ts';

/** Shapes, each with the budgets that it is polled with. */
const cases: readonly { shape: LoadShape; budgets: readonly number[] }[] = [
  { shape: { name: 'small', before: 300, today: 50, open: 4 }, budgets: [100] },
  { shape: { name: 'middle', before: 6000, today: 1000, open: 60 }, budgets: [100] },
  { shape: goalShape, budgets: [100, 1000] },
  { shape: { name: 'very large', before: 84_000, today: 16_000, open: 1600 }, budgets: [100, 1000] },
];
const polls = 40;

const headings = [
  'Project',
  'Order of rows',
  'Budget',
  'Requests a poll',
  'Pages open',
  'Pages all',
  'Ratio',
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
    'Means of 40 polls, one every 30 s or as soon as the one before has ended, pages of 100 rows. Budget: requests a minute. Pages open: those that hold an ' +
      'open session. Pages all: those of all days on which one is open. Ratio: requests to pages open.',
  );
  print(headings);
  let missed = false;
  for (const { shape, budgets } of cases) {
    for (const requestsPerMinute of budgets) {
      for (const order of rowOrders) {
        const cost = await pollingCost({ shape, order, requestsPerMinute, polls });
        const ratio = cost.requests / cost.pagesOpen;
        const isGoal = shape === goalShape && order === 'newest_first';
        const isMissed = (isGoal && ratio > goalRatio) || cost.bytesTooMany > 0;
        missed ||= isMissed;
        print([
          shape.name,
          order,
          String(requestsPerMinute),
          cost.requests.toFixed(1),
          cost.pagesOpen.toFixed(1),
          cost.pagesAll.toFixed(1),
          ratio.toFixed(2),
          `${cost.oldestReading.toFixed(0)} s`,
          `${cost.firstPublished.toFixed(0)} s`,
          cost.windowComplete < Infinity ? `${cost.windowComplete.toFixed(0)} s` : 'never',
          cost.sessionsOff.toFixed(1),
          isMissed ? 'MISSED' : isGoal ? `goal: ${String(goalRatio)}, met` : '',
        ]);
      }
    }
  }
  if (missed) process.exitCode = 1;
}

function print(cells: readonly string[]): void {
  console.log(
    cells
      .map((cell, column) => cell.padEnd(Math.max(12, headings[column]?.length ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
