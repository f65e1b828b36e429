import { expect, test } from 'vitest';
import { budgetRemedy, requestsForPoll } from '../../src/core/session-source.ts';

test.each([
  { requestsPerMinute: 100, interval: 30, requests: 50 },
  { requestsPerMinute: 100, interval: 3600, requests: 6000 },
  { requestsPerMinute: 7, interval: 30, requests: 3 },
  { requestsPerMinute: 1, interval: 1, requests: 2 },
])(
  '$requestsPerMinute a minute are $requests in $interval s',
  ({ requestsPerMinute, interval, requests }) => {
    expect(requestsForPoll(requestsPerMinute, interval)).toBe(requests);
  },
);

test('the remedy makes polls fit', () => {
  expect(budgetRemedy({ requestsNeeded: 84, requestsAllowed: 50, interval: 30 })).toBe(
    'set api.requests_per_minute to 168, or poll.interval to 51s',
  );
  expect(requestsForPoll(168, 30)).toBeGreaterThanOrEqual(84);
  expect(requestsForPoll(100, 51)).toBeGreaterThanOrEqual(84);
});
