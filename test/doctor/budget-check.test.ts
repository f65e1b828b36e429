import { expect, test } from 'vitest';
import { checkBudget } from '../../src/doctor/checks.ts';
import { fail, type Finding, ok, skip, warn } from '../../src/doctor/findings.ts';
import type { PollNeeds } from '../../src/doctor/project-probe.ts';
import { goodNeeds, probe } from './probes.ts';

const list = '(71 pages in the window, newest sessions first)';

test.each<[string, Partial<PollNeeds>, Finding]>([
  ['that fits', {}, ok(`a poll needs about 4 requests, and the budget allows 50 ${list}`)],
  [
    'that just fits well',
    { requestsNeeded: 35 },
    ok(`a poll needs about 35 requests, and the budget allows 50 ${list}`),
  ],
  [
    'that is tight',
    { requestsNeeded: 36 },
    warn(
      `a poll needs about 36 requests, and the budget allows 50 ${list}`,
      'for busier days set api.requests_per_minute to 104, or poll.interval to 32s',
    ),
  ],
  [
    'that does not fit',
    { requestsNeeded: 84, order: 'none', pages: 500 },
    fail(
      'a poll needs about 84 requests, and the budget allows 50 (500 pages in the window, in no order): ' +
        'each poll would read only some of the open sessions',
      'set api.requests_per_minute to 168, or poll.interval to 51s',
    ),
  ],
  [
    'of a list whose end was not found',
    { pages: 33, complete: false, order: 'oldest_first', requestsNeeded: undefined },
    skip('not known within the budget: at least 33 pages in the window, oldest sessions first'),
  ],
  [
    'that asks for large pages',
    { expected: { rows: 1000, because: 'in time' } },
    ok(
      'a poll needs about 4 requests, and the budget allows 50 (71 pages in the window, newest sessions first, in pages of 1000 rows)',
    ),
  ],
  [
    'that asks for the pages that the API gives',
    { expected: { rows: 100, because: 'capped' } },
    ok(
      'a poll needs about 4 requests, and the budget allows 50 (71 pages in the window, newest sessions first; the API returns at most 100 rows per page)',
    ),
  ],
  [
    'that asks for small pages because large ones are slow',
    { expected: { rows: 100, because: 'slow' } },
    ok(
      'a poll needs about 4 requests, and the budget allows 50 (71 pages in the window, newest sessions first, in pages of 100 rows: the API does not return larger ones in time)',
    ),
  ],
  [
    'that does not fit with pages of a configured size',
    { requestsNeeded: 84, expected: { rows: 50, because: 'configured' } },
    fail(
      `a poll needs about 84 requests, and the budget allows 50 ${list}: each poll would read only some of the open sessions`,
      'set api.requests_per_minute to 168, or poll.interval to 51s, or api.page_size to auto',
    ),
  ],
  [
    'of an empty list',
    { pages: 0, requestsNeeded: 1 },
    ok('a poll needs about 1 request, and the budget allows 50 (no sessions in the window)'),
  ],
  [
    'of a list that was not looked at',
    { pages: 0, complete: false, requestsNeeded: undefined },
    skip('not known within the budget: at least 0 pages in the window, newest sessions first'),
  ],
  [
    'of one page',
    { pages: 1, requestsNeeded: 1 },
    ok(
      'a poll needs about 1 request, and the budget allows 50 (1 page in the window, newest sessions first)',
    ),
  ],
])('a poll %s', async (_, needs, finding) => {
  expect(await checkBudget(probe({ needs: () => Promise.resolve({ ...goodNeeds, ...needs }) }))).toEqual(
    finding,
  );
});
