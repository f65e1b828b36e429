// What Prometheus' own lint says of the exposition in every state that the program can be in.
import { describe, expect } from 'vitest';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { awkwardNames } from '../../src/simulator/session-kinds.ts';
import { itWithPrometheus as it, promtoolComplaints } from '../prometheus-programs.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, startProgram, valueIn, type RunningProgram } from './running-program.ts';
import { environmentOf, simulate, unixSeconds } from './simulated-api.ts';

const up = 'livekit_cloud_up{project="p_1"}';
const rooms = 'livekit_cloud_active_rooms{project="p_1"}';

function awkwardCloud(): ScriptedCloud {
  const startedAt = unixSeconds();
  const cloud = new ScriptedCloud({ startedAt });
  for (const roomName of awkwardNames) cloud.addSession({ roomName, startsAt: startedAt - 60, inRate: 1 });
  return cloud;
}

/** The exposition as soon as `up` and the number of rooms are these. */
function expositionWith(
  program: RunningProgram,
  wantUp: number,
  wantRooms: number | undefined,
): Promise<string> {
  return eventually(async () => {
    const exposition = await program.metrics();
    expect([valueIn(exposition, up), valueIn(exposition, rooms)]).toEqual([wantUp, wantRooms]);
    return exposition;
  });
}

describe('promtool accepts', () => {
  it('what is served before the first poll, after it, and while the project is down', async () => {
    const listen = { port: await freePort() };
    const hanging = await simulate(awkwardCloud(), { listen });
    hanging.faults.order({ kind: 'hang' });
    const program = serve(environmentOf(hanging), { 'api.request-timeout': '5m' });
    const exposition = await expositionWith(program, 0, undefined);
    expect(valueIn(exposition, 'livekit_cloud_exporter_polls_total{project="p_1"}')).toBe(0);
    expect(promtoolComplaints(exposition)).toBe('');

    await hanging.close();
    const simulator = await simulate(awkwardCloud(), { listen });
    expect(promtoolComplaints(await expositionWith(program, 1, awkwardNames.length))).toBe('');
    simulator.faults.order({ kind: 'status', status: 404 });
    expect(promtoolComplaints(await expositionWith(program, 0, awkwardNames.length))).toBe('');
  });

  it('what is served without gauges', async () => {
    const simulator = await simulate(awkwardCloud());
    const program = serve(environmentOf(simulator), { 'poll.stale-after': '1s' });
    await program.ready();
    simulator.faults.order({ kind: 'status', status: 404 });
    expect(promtoolComplaints(await expositionWith(program, 0, undefined))).toBe('');
  });

  it('what `once` prints', async () => {
    const simulator = await simulate(awkwardCloud());
    const program = startProgram(['once'], environmentOf(simulator));
    expect(await program.exit()).toBe(0);
    expect(valueIn(program.output, rooms)).toBe(awkwardNames.length);
    expect(promtoolComplaints(program.output)).toBe('');
    // Beside those of other programs in a textfile collector they would be theirs.
    expect(program.output).not.toMatch(/^(?:process|nodejs)_/m);
  });

  it('what `demo` serves', async () => {
    const program = startProgram(['demo', '--simulator.active-rooms=5', '--web.listen-address=127.0.0.1:0']);
    await program.ready();
    expect(promtoolComplaints(await program.metrics())).toBe('');
  });
});
