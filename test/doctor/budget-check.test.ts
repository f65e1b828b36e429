import { expect, test } from 'vitest';
import { checkBudget } from '../../src/doctor/budget-checks.ts';
import { fail, type Finding, ok, skip, warn } from '../../src/doctor/finding.ts';
import type { PollNeeds } from '../../src/doctor/project-probe.ts';
import { goodNeeds, probe } from './probes.ts';

const list = '(71 pages in the window, newest sessions first)';

test.each<[string, Partial<PollNeeds>, Finding]>([
  ['that fits', {}, ok(`a poll takes about 4 of the 50 that the budget has for it ${list}`)],
  [
    'that just fits well',
    { requestsNeeded: 35 },
    ok(`a poll takes about 35 of the 50 that the budget has for it ${list}`),
  ],
  [
    'that is tight',
    { requestsNeeded: 36 },
    warn(
      `a poll takes about 36 of the 50 that the budget has for it ${list}`,
      'for busier days set api.requests_per_minute to 104, or poll.interval to 32s',
    ),
  ],
  [
    'that does not fit',
    { requestsNeeded: 84, order: 'none', pages: 500 },
    fail(
      'a poll takes about 84 of the 50 that the budget has for it (500 pages in the window, in no order): ' +
        'open sessions would be read in turn',
      'set api.requests_per_minute to 168, or poll.interval to 51s',
    ),
  ],
  [
    'of a list whose end was not found',
    { pages: 33, complete: false, order: 'oldest_first', requestsNeeded: undefined },
    skip('cannot be told within the budget: at least 33 pages in the window, oldest sessions first'),
  ],
  [
    'that asks for large pages',
    { expected: { rows: 1000, because: 'in time' } },
    ok(
      'a poll takes about 4 of the 50 that the budget has for it (71 pages in the window, newest sessions first, asked for in pages of 1000 rows)',
    ),
  ],
  [
    'that asks for the pages that the API gives',
    { expected: { rows: 100, because: 'capped' } },
    ok(
      'a poll takes about 4 of the 50 that the budget has for it (71 pages in the window, newest sessions first; the API gives no more than 100 rows a page)',
    ),
  ],
  [
    'that asks for small pages because large ones are slow',
    { expected: { rows: 100, because: 'slow' } },
    ok(
      'a poll takes about 4 of the 50 that the budget has for it (71 pages in the window, newest sessions first, asked for in pages of 100 rows: the API does not give larger ones in time)',
    ),
  ],
  [
    'that does not fit with pages of a configured size',
    { requestsNeeded: 84, expected: { rows: 50, because: 'configured' } },
    fail(
      `a poll takes about 84 of the 50 that the budget has for it ${list}: open sessions would be read in turn`,
      'set api.requests_per_minute to 168, or poll.interval to 51s, or api.page_size to auto',
    ),
  ],
  [
    'of an empty list',
    { pages: 0, requestsNeeded: 1 },
    ok('a poll takes about 1 of the 50 that the budget has for it (no sessions in the window)'),
  ],
  [
    'of a list that was not looked at',
    { pages: 0, complete: false, requestsNeeded: undefined },
    skip('cannot be told within the budget: at least 0 pages in the window, newest sessions first'),
  ],
  [
    'of one page',
    { pages: 1, requestsNeeded: 1 },
    ok(
      'a poll takes about 1 of the 50 that the budget has for it (1 page in the window, newest sessions first)',
    ),
  ],
])('a poll %s', async (_, needs, finding) => {
  expect(await checkBudget(probe({ needs: () => Promise.resolve({ ...goodNeeds, ...needs }) }))).toEqual(
    finding,
  );
});
