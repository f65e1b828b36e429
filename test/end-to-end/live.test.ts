// The live source of the built program: LiveKit's server API beside the Analytics API, and alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';
import { serve, startProgram, valueIn, type RunningProgram } from './running-program.ts';
import { cloudOf, environmentOf, project, simulate, unixSeconds } from './simulated-api.ts';

const live = { 'live.interval': '5s' };
const labels = '{project="p_1"}';

function urlOf({ url }: { readonly url: string }): string {
  return url.replace('http', 'ws');
}

/** Once the program publishes these values. */
function publishes(
  program: RunningProgram,
  want: Readonly<Record<string, number | undefined>>,
): Promise<void> {
  return eventually(async () => {
    const exposition = await program.metrics();
    const found = Object.keys(want).map((series) => [series, valueIn(exposition, series)]);
    expect(Object.fromEntries(found)).toEqual(want);
  });
}

describe('with a URL and a project id', () => {
  it('rooms and egresses of now stand beside what the session list says', async () => {
    const egress = { from: unixSeconds() - 60 };
    const simulator = await simulate(cloudOf(3, { participants: 4, egress }));
    const program = serve({ ...environmentOf(simulator), LIVEKIT_URL: urlOf(simulator) }, live);
    await publishes(program, {
      [`livekit_cloud_up${labels}`]: 1,
      [`livekit_cloud_active_participants${labels}`]: 12,
      [`livekit_cloud_live_up${labels}`]: 1,
      [`livekit_cloud_live_rooms${labels}`]: 3,
      [`livekit_cloud_live_participants${labels}`]: 12,
      [`livekit_cloud_live_recorded_rooms${labels}`]: 3,
      'livekit_cloud_live_egresses{project="p_1",status="active"}': 3,
      'livekit_cloud_live_room_participants{project="p_1",room="room 1"}': 4,
      [`livekit_cloud_unconfirmed_sessions${labels}`]: 0,
    });
    // The password of a room is in every answer.
    expect(program.said).not.toContain('simulated');
  });

  it('one source that hangs leaves the other alone', async () => {
    const simulator = await simulate(cloudOf(2));
    simulator.faults.order({ kind: 'hang', endpoint: 'rooms' });
    const flags = { ...live, 'api.request-timeout': '500ms' };
    const program = serve({ ...environmentOf(simulator), LIVEKIT_URL: urlOf(simulator) }, flags);
    await publishes(program, {
      [`livekit_cloud_up${labels}`]: 1,
      [`livekit_cloud_live_up${labels}`]: 0,
      [`livekit_cloud_live_rooms${labels}`]: undefined,
    });
    const failure = { msg: 'Live poll failed', reason: 'timeout' };
    await eventually(() => expect(program.log).toContainEqual(expect.objectContaining(failure)));

    simulator.faults.clear();
    simulator.faults.order({ kind: 'hang', endpoint: 'sessions' });
    await publishes(program, {
      [`livekit_cloud_up${labels}`]: 0,
      [`livekit_cloud_live_up${labels}`]: 1,
      [`livekit_cloud_live_rooms${labels}`]: 2,
    });
  });

  it('egresses that ended while it was down count once after a restart with state', async () => {
    const state = mkdtempSync(join(tmpdir(), 'live-state-'));
    onTestFinished(() => rmSync(state, { recursive: true }));
    const cloud = cloudOf(1, { egress: { from: unixSeconds() - 60 } });
    const simulator = await simulate(cloud);
    const environment = { ...environmentOf(simulator), LIVEKIT_URL: urlOf(simulator) };
    const flags = { ...live, 'state.dir': state };
    const ended = 'livekit_cloud_egresses_ended_total{project="p_1",status="complete"}';

    const first = serve(environment, flags);
    await publishes(first, { 'livekit_cloud_live_egresses{project="p_1",status="active"}': 1, [ended]: 0 });
    first.signal('SIGKILL');
    await first.exit();
    cloud.session('RM_0')!.endsAt = unixSeconds();

    const second = serve(environment, flags);
    await publishes(second, { 'livekit_cloud_live_egresses{project="p_1",status="active"}': 0, [ended]: 1 });
  });
});

describe('with a URL alone', () => {
  it('the live source is all there is, on every plan', async () => {
    const simulator = await simulate(cloudOf(2));
    const environment = {
      LIVEKIT_URL: urlOf(simulator),
      LIVEKIT_PROJECT_NAME: 'small',
      LIVEKIT_API_KEY: project.apiKey,
      LIVEKIT_API_SECRET: project.apiSecret,
    };
    const program = serve(environment, live);
    await publishes(program, {
      'livekit_cloud_live_rooms{project="small"}': 2,
      'livekit_cloud_up{project="small"}': undefined,
      'livekit_cloud_exporter_polls_total{project="small"}': undefined,
    });
    expect((await program.get('/-/ready')).status).toBe(200);
    expect(simulator.requests.every(({ endpoint }) => endpoint === 'rooms' || endpoint === 'egresses')).toBe(
      true,
    );
  });

  it('once prints it', async () => {
    const simulator = await simulate(cloudOf(2));
    const program = startProgram(['once'], {
      LIVEKIT_URL: urlOf(simulator),
      LIVEKIT_API_KEY: project.apiKey,
      LIVEKIT_API_SECRET: project.apiSecret,
    });
    expect(await program.exit()).toBe(0);
    expect(program.output).toContain('livekit_cloud_live_participants{project="127"} 4');
  });
});

describe('doctor', () => {
  it('says what the live source answers, with and without a session list', async () => {
    const simulator = await simulate(cloudOf(2));
    const keys = { LIVEKIT_API_KEY: project.apiKey, LIVEKIT_API_SECRET: project.apiSecret };
    const program = startProgram(['doctor'], { LIVEKIT_URL: urlOf(simulator), ...keys });
    expect(await program.exit()).toBe(0);
    expect(program.output).toMatch(/ok +live rooms +2 rooms, 4 participants/);
    expect(program.output).toMatch(/ok +live egresses +0 running, 0 ended/);
    expect(program.output).not.toContain('session list');
  });

  it('names what is wrong with it', async () => {
    const simulator = await simulate(cloudOf(2));
    const keys = { LIVEKIT_API_KEY: project.apiKey, LIVEKIT_API_SECRET: `not-${project.apiSecret}` };
    const program = startProgram(['doctor'], { LIVEKIT_URL: urlOf(simulator), ...keys });
    expect(await program.exit()).toBe(1);
    expect(program.output).toMatch(/FAIL +live rooms[^]*answered 401[^]*set live\.egress to false/);
  });
});
