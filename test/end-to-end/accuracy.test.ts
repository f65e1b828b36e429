// The short form of `npm run accuracy`: what every counter has come to, in the program and in Prometheus, after an
// hour of calls over midnight, one failure of each kind, a stop and a kill.
import { expect, onTestFinished } from 'vitest';
import type { FaultOrder } from '../simulator-support/faults.ts';
import { Trial } from '../../tools/accuracy/trial.ts';
import { isExact, isNear } from '../../tools/accuracy/verdict.ts';
import { itWithPrometheus } from '../prometheus-programs.ts';
import { eventually } from './eventually.ts';

const ofList: readonly FaultOrder[] = [
  { kind: 'status', status: 429, retryAfterSeconds: 1, times: 1 },
  { kind: 'status', status: 500, times: 4 },
  { kind: 'hang', times: 2 },
  { kind: 'truncated_body', cut: 'json', times: 2 },
  { kind: 'truncated_body', cut: 'connection', times: 2 },
];
const faults: readonly FaultOrder[] = [
  ...ofList.map((fault) => ({ ...fault, endpoint: 'sessions' as const })),
  { kind: 'status', status: 500, times: 4, endpoint: 'session' },
];

itWithPrometheus(
  'counts every session exactly, through failures, a stop and a kill',
  async () => {
    const load = { seed: 1, activeRooms: 300, beforeMidnight: 25 };
    // Details that were not answered in time are read again two minutes later, too late for this form.
    const trial = await Trial.start({ load, flags: ['--poll.interval=1s', '--api.request-timeout=5s'] });
    onTestFinished(() => trial.close());
    for (const fault of faults) {
      trial.simulator.faults.order(fault);
      trial.clock.skip(10);
      await eventually(() => expect(trial.simulator.faults.list()).toEqual([]));
    }

    await trial.exporter.stop();
    trial.clock.skip(10);
    trial.exporter.start();
    await trial.polled(1);

    // From here on every poll finds growth.
    trial.clock.letGo();
    await trial.polled(2);
    await trial.exporter.kill();
    // Until the API answers, what the program serves is what it has kept: older values would show as a fall.
    trial.simulator.faults.order({ kind: 'status', status: 500 });
    trial.exporter.start();
    await trial.scraped(1);

    await trial.settle();
    const { figures } = trial;
    for (const { truth } of figures) expect(truth).toBeGreaterThan(20);
    // Rooms that go early can have been there for no scrape at all when polls are as frequent as scrapes.
    const lasting = figures.filter(({ limited }) => !limited);
    expect(lasting.filter((figure) => !isExact(figure))).toEqual([]);
    // Of rooms that were new when the program was killed, what increase() makes depends on when they were scraped.
    const steady = figures.filter(
      ({ counter }) =>
        !counter.startsWith('livekit_cloud_room_') && !counter.startsWith('livekit_cloud_group_'),
    );
    expect(steady.filter((figure) => !isNear(figure))).toEqual([]);
  },
  180_000,
);
