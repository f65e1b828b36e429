import { expect, test } from 'vitest';
import { RequestUsage } from '../../src/exporter/request-usage.ts';

test('counts the requests of the last minute and how long they waited', () => {
  let now = 1000.9;
  const usage = new RequestUsage(() => now);
  usage.requestFinished(true);
  usage.budgetWaited(2.5);
  now = 1030;
  usage.requestFinished(true);
  usage.requestFinished(true);
  expect(usage.read()).toMatchObject({ lastMinuteRequests: 3, lastMinuteWaitSeconds: 2.5 });
  now = 1060;
  expect(usage.read()).toMatchObject({ lastMinuteRequests: 2, lastMinuteWaitSeconds: 0 });
  now = 1e6;
  expect(usage.read()).toMatchObject({ lastMinuteRequests: 0, lastMinuteWaitSeconds: 0 });
});

test('forgets what was counted in the same second of another minute', () => {
  let now = 5;
  const usage = new RequestUsage(() => now);
  usage.requestFinished(true);
  now = 65;
  usage.requestFinished(true);
  expect(usage.read().lastMinuteRequests).toBe(1);
});

test('counts the requests of the last poll', () => {
  const usage = new RequestUsage(() => 0);
  expect(usage.read().lastPollRequests).toBeUndefined();
  usage.requestFinished(true);
  usage.requestFinished(true);
  expect(usage.read().lastPollRequests).toBeUndefined();
  usage.pollFinished();
  usage.requestFinished(true);
  expect(usage.read().lastPollRequests).toBe(2);
  usage.pollFinished();
  expect(usage.read().lastPollRequests).toBe(1);
});
