import { expect, test } from 'vitest';
import { RateLimiter } from '../../src/http/rate-limiter.ts';

test.each([
  {
    name: 'lets a burst through, then one for each interval',
    limit: { interval: 1, burst: 3 },
    times: [0, 0, 0, 0, 999, 1000, 1000, 1999, 2000],
    want: [true, true, true, false, false, true, false, false, true],
  },
  {
    name: 'gathers no more than a burst however long nobody asks',
    limit: { interval: 0.1, burst: 2 },
    times: [0, 60_000, 60_000, 60_000, 60_100],
    want: [true, true, true, false, true],
  },
  {
    name: 'lets nothing through with a burst of 0',
    limit: { interval: 1, burst: 0 },
    times: [0, 1000, 60_000],
    want: [false, false, false],
  },
  {
    name: 'counts parts of an interval, also those of refused requests',
    limit: { interval: 1, burst: 1 },
    times: [0, 400, 800, 1200],
    want: [true, false, false, true],
  },
])('$name', ({ limit, times, want }) => {
  const limiter = new RateLimiter(limit, 0);
  expect(times.map((time) => limiter.allows(time))).toEqual(want);
});
