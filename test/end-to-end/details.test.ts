// Session details from end to end: sessions that are hard to read or that nobody can and what they leave untouched, restarts,
// and details that are switched on and off.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import type { FaultOrder } from '../simulator-support/faults.ts';
import type { SessionScript } from '../simulator-support/scripted-cloud.ts';
import {
  DetailsWorld,
  listedIn,
  ofProject,
  ownValue,
  reasonsIn,
  somebody,
  usageIn,
} from './details-world.ts';
import { statesIn } from '../state/states-in.ts';
import { eventually } from './eventually.ts';
import { valueIn } from './running-program.ts';
import { keys, project } from './simulated-api.ts';

let world: DetailsWorld;
let folder: string;

beforeEach(async () => {
  // A minute in a second.
  world = new DetailsWorld(60);
  folder = temporaryFolder();
});

/** When something can start that no poll has seen yet, Unix seconds. */
function soon(): number {
  return Math.ceil(world.clock.now()) + 20;
}

/** An error that says whom it is about. */
const quoting = JSON.stringify({ msg: 'Participant 1 upset us', participantIdentity: 'participant-1' });

const readable: readonly { id: string; script?: Partial<SessionScript>; fault?: FaultOrder }[] = [
  { id: 'RM_1' },
  { id: 'RM_2' },
  { id: 'RM_empty', script: { participants: 0 } },
  // Its participants are gathered for a while after its end.
  { id: 'RM_late', script: { reportingLag: 300 } },
  { id: 'RM_twice', fault: { kind: 'broken_details', breakage: 'everybody_twice' } },
  { id: 'RM_repeating', fault: { kind: 'broken_details', breakage: 'connections_twice' } },
  { id: 'RM_failing', fault: { kind: 'status', status: 500, body: quoting, times: 3 } },
  { id: 'RM_3' },
];

const unreadable: readonly { id: string; fault: FaultOrder; dropped: string }[] = [
  { id: 'RM_unknown', fault: { kind: 'status', status: 404, body: quoting }, dropped: 'not_found' },
  { id: 'RM_cut', fault: { kind: 'truncated_body', cut: 'json' }, dropped: 'schema' },
  { id: 'RM_other', fault: { kind: 'wrong_shape', shape: 'sessions_object' }, dropped: 'schema' },
  { id: 'RM_endless', fault: { kind: 'gzip_bomb', bytes: 2 ** 26 }, dropped: 'schema' },
  { id: 'RM_nobody', fault: { kind: 'broken_details', breakage: 'nobody' }, dropped: 'incomplete' },
];

it('counts sessions that are hard to read, or that nobody can, as far as can be, and they touch no other', async () => {
  const simulator = await world.simulate({ spelling: 'mixed' });
  const program = world.serve({ 'details.enabled': 'true' });
  await program.ready();
  const startsAt = soon();
  for (const { id, fault } of [...readable, ...unreadable])
    if (fault) simulator.faults.order({ ...fault, endpoint: 'session', session: id });
  for (const { id, script } of readable) world.addSession(id, startsAt, script);
  for (const { id } of unreadable) world.addSession(id, startsAt);
  const crowd = Array.from({ length: 10_000 }, (_, index) => ({
    joinedAt: startsAt + (index % 50),
    leftAt: startsAt + 60 + (index % 50),
  }));
  world.addSession('RM_crowd', startsAt, { participants: crowd });
  // One participant has no times: it is left out, the other is not.
  simulator.faults.order({
    kind: 'broken_details',
    breakage: 'first_without_times',
    session: 'RM_timeless',
    endpoint: 'session',
  });
  const [first, second] = [{ joinedAt: startsAt + 5 }, { joinedAt: startsAt + 10, leftAt: startsAt + 75 }];
  world.addSession('RM_timeless', startsAt, { participants: [first, second] });

  const all = [...readable, ...unreadable, { id: 'RM_crowd' }].map(({ id }) => id);
  const metrics = await eventually(async () => {
    const text = await program.metrics();
    expect(reasonsIn(text, 'session_details_dropped_total')).toEqual({
      not_found: 1,
      schema: 3,
      incomplete: 1,
    });
    expect(ownValue(text, 'session_details_waiting')).toBe(0);
    const { usage } = world.truth([...readable.map(({ id }) => id), 'RM_crowd']);
    // A session whose last reading has failed waits for nothing until it is read again.
    expect(usageIn(text)).toEqual({
      connections: usage.connections + 1,
      // In whole microseconds: so the last digit is right.
      seconds: (Math.round(usage.seconds * 1e6) + 65e6) / 1e6,
      billable: usage.billable + 120,
      reconnects: usage.reconnects,
      stays: usage.stays + 1,
      // Also of those of whose participants nothing was said.
      bytes: usage.bytes + world.truth(['RM_timeless', 'RM_nobody']).usage.bytes,
    });
    return text;
  }, 150);

  expect(listedIn(metrics)).toEqual(world.truth([...all, 'RM_timeless']).listed);
  expect(valueIn(metrics, `livekit_cloud_up${ofProject}`)).toBe(1);
  expect(reasonsIn(metrics, 'poll_failures_total')).toEqual({});
  expect(reasonsIn(metrics, 'api_request_failures_total', 'endpoint="sessions",')).toEqual({});
  const failed = reasonsIn(metrics, 'api_request_failures_total', 'endpoint="session",');
  // The crowd's are large, and five minutes are five seconds here: where they do not suffice they are read again.
  const faulty = Object.keys(failed).filter((reason) => reason !== 'timeout');
  expect(faulty.sort()).toEqual(['not_found', 'schema', 'server']);
  expect(Object.keys(reasonsIn(metrics, 'rows_rejected_total'))).toEqual(['invalid_timestamp']);

  for (const { id, dropped } of unreadable.filter((session) => session.dropped !== 'incomplete')) {
    const line = { session: id, reason: dropped, remedy: expect.any(String) as string };
    expect(program.log).toContainEqual(expect.objectContaining(line));
  }
  // The words that would have told of somebody arrived.
  expect(program.errorOutput).toContain('answered 404');
  await program.readWhatItServes();
  expect(program.said).not.toMatch(somebody);
});

it('goes on over restarts and kills where it was, and its state tells of nobody', async () => {
  const simulator = await world.simulate({ spelling: 'mixed' });
  const flags = { 'details.enabled': 'true', 'state.dir': folder };
  let program = world.serve(flags);
  await program.ready();
  const ids: string[] = [];
  /** Sessions of which some run, some have ended and some are new, at any time of the next minutes. */
  const addSessions = () => {
    const startsAt = soon();
    for (let index = 0; index < 6; index += 1) {
      const id = `RM_${String(ids.length)}`;
      world.addSession(id, startsAt + 25 * index, { reportingLag: 10 * ids.length });
      ids.push(id);
    }
  };

  const written: string[] = [];
  let before = usageIn(await program.metrics());
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    const { seconds: secondsBefore = NaN } = before;
    // However long the restart has taken: there is something to count after it.
    addSessions();
    await eventually(async () => {
      before = usageIn(await program.metrics());
      expect(before.seconds).toBeGreaterThan(secondsBefore + 60);
    });
    program.signal(signal);
    await program.exit();
    written.push(...statesIn(folder));
    expect(program.said).not.toMatch(somebody);
    // Until the API answers, what is served is what was kept.
    simulator.faults.order({ kind: 'status', status: 500 });
    program = world.serve(flags);
    await program.ready();
    const after = usageIn(await program.metrics());
    for (const [name, value] of Object.entries(before))
      expect(after[name as keyof typeof after], name).toBeGreaterThanOrEqual(value ?? NaN);
    simulator.faults.clear();
  }
  await eventually(async () => {
    const metrics = await program.metrics();
    const { usage, listed } = world.truth(ids);
    expect(usageIn(metrics)).toEqual({ ...usage, stays: 2 * ids.length });
    expect(listedIn(metrics)).toEqual(listed);
    expect(listedIn(metrics).ended).toBe(ids.length);
  }, 50);
  await program.readWhatItServes();
  program.signal('SIGTERM');
  await program.exit();
  written.push(...statesIn(folder));
  // Sessions and their details are in it, nobody who was there.
  expect(written.join()).toContain('{"detailedSessions":[{"sessionId":"RM_');
  expect(written.join() + program.said).not.toMatch(somebody);
});

it('can be switched on and off by a reload, which touches nothing else', async () => {
  const simulator = await world.simulate();
  const path = join(folder, 'config.yaml');
  const write = async (enabled: boolean) => {
    // JSON is YAML.
    const file = {
      projects: [{ name: project.id, id: project.id, ...keys }],
      api: { url: simulator.url },
      details: { enabled },
    };
    await writeFile(path, JSON.stringify(file));
  };
  await write(false);
  const program = world.serve({ 'config.file': path }, false);
  await program.ready();
  const reload = async (enabled: boolean) => {
    const reloads = () => program.log.filter(({ msg }) => msg === 'Configuration reloaded').length;
    const before = reloads();
    await write(enabled);
    program.signal('SIGHUP');
    await eventually(() => expect(reloads()).toBe(before + 1));
  };
  const ofDetails =
    /^livekit_cloud_(.*connection|.*reconnect|billable|participant_duration|publishing|.*details)\w*\{/m;

  world.addSession('RM_before', soon());
  await eventually(async () => {
    const metrics = await program.metrics();
    expect(listedIn(metrics).ended).toBe(1);
    expect(metrics).not.toMatch(ofDetails);
  });
  await reload(true);
  await eventually(async () => expect((await program.metrics()).match(ofDetails)).not.toBeNull());
  world.addSession('RM_while', soon());
  await eventually(async () => {
    const metrics = await program.metrics();
    expect(usageIn(metrics)).toEqual({ ...world.truth(['RM_while']).usage, stays: 2 });
    expect(
      valueIn(metrics, 'livekit_cloud_room_connection_seconds_total{project="p_1",room="RM_while"}'),
    ).toBe(world.truth(['RM_while']).usage.seconds);
    expect(listedIn(metrics)).toEqual(world.truth(['RM_before', 'RM_while']).listed);
  }, 50);
  await reload(false);
  world.addSession('RM_after', soon());
  const asked = () => simulator.requests.filter(({ endpoint }) => endpoint === 'session').length;
  await eventually(async () => expect(await program.metrics()).not.toMatch(ofDetails));
  const askedBefore = asked();
  await eventually(async () =>
    expect(listedIn(await program.metrics())).toEqual(
      world.truth(['RM_before', 'RM_while', 'RM_after']).listed,
    ),
  );
  expect(asked()).toBe(askedBefore);
  expect(program.said).not.toMatch(somebody);
});
