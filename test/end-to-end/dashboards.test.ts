// Whether every query of every board finds data in a real Prometheus: of the demonstration, and of an exporter in
// trouble for those that only then have something to show.
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { boards } from '../../grafana/src/boards.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import type { FaultOrder } from '../simulator-support/faults.ts';
import { filledIn, queriesOf, type BoardQuery, type Values } from '../grafana/board-queries.ts';
import { startHttpCollector } from '../push/collector.ts';
import { describeWithPrometheus } from '../prometheus-programs.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startPrometheus, type PrometheusServer } from './prometheus-server.ts';
import { serve, startProgram } from './running-program.ts';
import { cloudOf, environmentOf, project, simulate, unixSeconds } from './simulated-api.ts';

/** What has nothing to show while all is well. */
const onlyInTrouble = [
  'Failed polls by reason A of livekit-cloud-exporter',
  'Failed requests by reason A of livekit-cloud-exporter',
  'Rejected rows by reason A of livekit-cloud-exporter',
  'Failed pushes by reason A of livekit-cloud-exporter',
];

/** What has nothing to show where nothing is pushed. */
const onlyOfPushes = [
  'Pushes by OTLP A of livekit-cloud-exporter',
  'Since the last push A of livekit-cloud-exporter',
];

/** What has nothing to show where no state is kept. */
const onlyOfState = [
  'Writes of the state A of livekit-cloud-exporter',
  'Writes of the state B of livekit-cloud-exporter',
];

/** What cannot be there: this Prometheus evaluates no rules, no replicas share projects, it has few
 * minutes behind it, the list is not late, and no session has ended and settled. */
const nowhere = [
  'Session details given up A of livekit-cloud-exporter',
  'Builds D of livekit-cloud-exporter',
  'Firing alerts A of livekit-cloud-overview',
  'Lag of the session list A of livekit-cloud-exporter',
  'Reconnects of the last hour A of livekit-cloud-overview',
  'Rooms that one source knows A of livekit-cloud-exporter',
];

const queries = Object.values(boards).flatMap(queriesOf);

/** What looks back for longer than this Prometheus knows, and what only rules record. */
const ofThePast = queries
  .filter(({ template }) =>
    /offset 1w|\[7d:|\[1d:|\[31d:|livekit_cloud_(project:month|group:)/.test(template),
  )
  .map(({ name }) => name);

const ofOneRoom = queriesOf(boards['room.json']!);

/** This Prometheus scrapes every second. */
const soon = { __rate_interval: '10s' };

describeWithPrometheus('with a real Prometheus', () => {
  let prometheus: PrometheusServer;
  const ports = { demo: 0, trouble: 0, first: 0, second: 0 };

  beforeAll(async () => {
    for (const job of Object.keys(ports) as (keyof typeof ports)[]) ports[job] = await freePort();
    prometheus = await startPrometheus(ports);
    return () => prometheus.stop();
  });

  async function findsData({ template }: BoardQuery, values: Values): Promise<boolean> {
    // A subquery has a value every 15 seconds, and increase() needs two: half a minute later they are there.
    const at = template.includes(':15s]') ? unixSeconds() + 30 : undefined;
    return Object.keys(await prometheus.query(filledIn(template, values), at)).length > 0;
  }

  /** What has been found is not asked for again: hundreds of queries cost Prometheus more than all else. */
  const findData = async (asked: readonly BoardQuery[], values: Values): Promise<void> => {
    let missing = asked;
    await eventually(async () => {
      const found = await Promise.all(missing.map((query) => findsData(query, { ...soon, ...values })));
      missing = missing.filter((_, index) => !found[index]);
      expect(missing.map(({ name }) => name)).toEqual([]);
    });
  };

  it('the boards show the demonstration', async () => {
    startProgram(['demo', `--web.listen-address=127.0.0.1:${String(ports.demo)}`]);
    const ofRoom = ofOneRoom.map(({ name }) => name);
    const excused = [...ofRoom, ...onlyInTrouble, ...onlyOfPushes, ...onlyOfState, ...nowhere, ...ofThePast];
    expect(queries.map(({ name }) => name)).toEqual(expect.arrayContaining(excused));
    await findData(
      queries.filter(({ name }) => !excused.includes(name)),
      { job: 'demo' },
    );
  });

  it('the boards show a room, whatever it is called, and every kind of trouble', async () => {
    const stateFolder = temporaryFolder();
    const now = Math.floor(unixSeconds());
    const room = 'a "room" in C:\\rooms';
    const cloud = new ScriptedCloud({ startedAt: now });
    cloud.addSession({
      roomName: room,
      startsAt: now - 600,
      inRate: 10,
      outRate: 20,
      egress: { from: now - 500 },
    });
    cloud.addSession({ roomName: 'another', startsAt: now - 300 });
    const simulator = await simulate(cloud);
    const receiver = await startHttpCollector();
    // Of every other push it refuses everything: nothing is tried twice that is refused.
    receiver.reply(...Array.from({ length: 200 }, (_, push) => (push % 2 === 0 ? { status: 400 } : {})));
    serve(
      {
        ...environmentOf(simulator),
        LIVEKIT_URL: new URL(simulator.url).origin,
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.endpoint,
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
      },
      {
        'web.listen-address': `127.0.0.1:${String(ports.trouble)}`,
        'details.enabled': 'true',
        'state.dir': stateFolder,
      },
    );
    const values = { job: 'trouble', project: project.id, room };
    await findData(ofOneRoom, values);

    const faults: FaultOrder[] = [
      { kind: 'broken_rows', breakage: 'missing_id', rows: 1, pages: [0], times: 1 },
      { kind: 'status', status: 404, endpoint: 'sessions', times: 1 },
    ];
    for (const fault of faults) {
      simulator.faults.order(fault);
      await eventually(() => expect(simulator.faults.list()).toEqual([]));
    }
    await findData(
      queries.filter(({ name }) => [...onlyInTrouble, ...onlyOfPushes, ...onlyOfState].includes(name)),
      { ...values, __rate_interval: '5m' },
    );
  });

  it('two exporters of the same project are counted once', async () => {
    const simulator = await simulate(cloudOf(3, { participants: 5, egress: { from: 0 } }));
    for (const job of ['first', 'second'] as const) {
      serve(environmentOf(simulator), { 'web.listen-address': `127.0.0.1:${String(ports[job])}` });
    }
    const overview = queriesOf(boards['overview.json']!);
    const shown = async (name: string, job: string): Promise<number[]> => {
      const { template } = overview.find((query) => query.name === `${name} of livekit-cloud-overview`)!;
      return Object.values(await prometheus.query(filledIn(template, { ...soon, job })));
    };
    await eventually(async () => {
      for (const job of ['first', 'second', 'first|second']) {
        expect(await shown('Participants A', job)).toEqual([15]);
        expect(await shown('Rooms A', job)).toEqual([3]);
        expect(await shown('Egresses A', job)).toEqual([3]);
        expect(await shown('Rooms by project A', job)).toEqual([3]);
        expect(await shown('Projects D', job)).toEqual([15]);
      }
    });
  });
});
