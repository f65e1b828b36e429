// More sessions than the request budget can read the details of: the list is polled as if there were none, no minute holds
// more requests than the budget, and what cannot be read in time is given up and counted.
import { expect, it } from 'vitest';
import { DetailsWorld, listedIn, ofProject, ownValue, reasonsIn, usageIn } from './details-world.ts';
import { eventually } from './eventually.ts';
import { valueIn } from './running-program.ts';

/** Few times as fast as the machine: a request that is a moment late is not late by much. */
const speed = 15;
const interval = 30;
const requestsPerMinute = 24;
const sessions = 300;
/** A machine that is busy can hold polls up for as long as an interval lasts here, two seconds, and longer. */
const mostSkipped = 4;

it('reads what the budget has to spare, and never makes the session list wait', async () => {
  const world = new DetailsWorld(speed);
  const simulator = await world.simulate();
  const program = world.serve({
    'details.enabled': 'true',
    'api.requests-per-minute': String(requestsPerMinute),
    'poll.interval': `${String(interval)}s`,
  });
  await program.ready();
  const began = world.clock.now();
  // All are there at once, and end together.
  const startsAt = Math.ceil(began) + 20;
  const ids = Array.from({ length: sessions }, (_, index) => `RM_${String(index)}`);
  for (const id of ids) world.addSession(id, startsAt);

  const { metrics, seconds } = await eventually(async () => {
    const seconds = world.clock.now() - began;
    const metrics = await program.metrics();
    expect(reasonsIn(metrics, 'session_details_dropped_total').budget).toBeGreaterThan(0);
    // Those that are left are read in turn.
    expect(usageIn(metrics).stays).toBeGreaterThan(10);
    return { metrics, seconds };
  }, 55);

  // Every minute, wherever it begins.
  const times = simulator.requests.map(({ time }) => time);
  const mostInAMinute = Math.max(
    ...times.map((from, index) => times.slice(index).filter((time) => time - from < 60).length),
  );
  expect(mostInAMinute).toBeLessThanOrEqual(requestsPerMinute);
  // It was used, too.
  expect(mostInAMinute).toBeGreaterThan(requestsPerMinute / 2);

  // The list was polled when it was due, and had nothing to wait for.
  expect(seconds).toBeGreaterThan(240);
  const polls = valueIn(metrics, `livekit_cloud_exporter_polls_total${ofProject}`);
  const skipped = ownValue(metrics, 'polls_skipped_total') ?? NaN;
  expect(skipped).toBeLessThanOrEqual(mostSkipped);
  expect(polls).toBeGreaterThanOrEqual(Math.floor(seconds / (interval * 1.05)) - 1 - skipped);
  expect(ownValue(metrics, 'api_budget_wait_seconds_total')).toBe(0);
  expect(reasonsIn(metrics, 'poll_failures_total')).toEqual({});
  // All of the list is known, of details what could be read.
  expect(listedIn(metrics)).toEqual(world.truth(ids).listed);
  const dropped = reasonsIn(metrics, 'session_details_dropped_total').budget ?? NaN;
  const waiting = ownValue(metrics, 'session_details_waiting') ?? NaN;
  expect(dropped + waiting).toBeLessThanOrEqual(sessions);
  expect(waiting).toBeLessThan((10 * 60 * requestsPerMinute) / 60);
});
