// The live source of the built program: LiveKit's server API beside the Analytics API, and alone.
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { eventually } from './eventually.ts';
import { serve, startProgram, valueIn, type RunningProgram } from './running-program.ts';
import { type ProjectCase, shared, simulateProjects } from './shared-run.ts';
import { cloudOf, project, simulate, unixSeconds } from './simulated-api.ts';

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

/** With a URL alone. */
const alone: ProjectCase = { cloud: cloudOf(2), live: true, settings: { id: undefined } };

describe('serve', () => {
  const egress = { from: unixSeconds() - 60 };
  const recorded = cloudOf(1, { egress });
  const run = shared(async (atEnd) => {
    const cases: Record<string, ProjectCase> = {
      both: { cloud: cloudOf(3, { participants: 4, egress }), live: true },
      hanging: {
        cloud: cloudOf(2),
        live: true,
        fault: { kind: 'hang', endpoint: 'rooms' },
        settings: { api: { request_timeout: '500ms' } },
      },
      recorded: { cloud: recorded, live: true },
      small: alone,
    };
    const { file, simulatorOf } = await simulateProjects(cases, atEnd);
    const flags = { 'config.file': file, 'live.interval': '5s', 'state.dir': temporaryFolder(atEnd) };
    return { flags, simulatorOf, program: serve({}, flags, atEnd) };
  });

  it('shows rooms and egresses of now beside what the session list says', async () => {
    const { program } = run();
    const labels = '{project="both"}';
    await publishes(program, {
      [`livekit_cloud_up${labels}`]: 1,
      [`livekit_cloud_active_participants${labels}`]: 12,
      [`livekit_cloud_live_up${labels}`]: 1,
      [`livekit_cloud_live_rooms${labels}`]: 3,
      [`livekit_cloud_live_participants${labels}`]: 12,
      [`livekit_cloud_live_recorded_rooms${labels}`]: 3,
      'livekit_cloud_live_egresses{project="both",status="active"}': 3,
      'livekit_cloud_live_room_participants{project="both",room="room 1"}': 4,
      [`livekit_cloud_unconfirmed_sessions${labels}`]: 0,
    });
    // The password of a room is in every answer.
    expect(program.said).not.toContain('simulated');
  });

  it('has nothing but the live source of a project without an id, on every plan', async () => {
    const { program, simulatorOf } = run();
    await publishes(program, {
      'livekit_cloud_live_rooms{project="small"}': 2,
      'livekit_cloud_up{project="small"}': undefined,
      'livekit_cloud_exporter_polls_total{project="small"}': undefined,
    });
    await program.ready();
    const endpoints = simulatorOf('small').requests.map(({ endpoint }) => endpoint);
    expect(new Set(endpoints)).toEqual(new Set(['rooms', 'egresses']));
  });

  it('goes on with one source while the other hangs', async () => {
    const { program, simulatorOf } = run();
    const labels = '{project="hanging"}';
    await publishes(program, {
      [`livekit_cloud_up${labels}`]: 1,
      [`livekit_cloud_live_up${labels}`]: 0,
      [`livekit_cloud_live_rooms${labels}`]: undefined,
    });
    const failure = { msg: 'Live poll failed', project: 'hanging', reason: 'timeout' };
    await eventually(() => expect(program.log).toContainEqual(expect.objectContaining(failure)));

    const { faults } = simulatorOf('hanging');
    faults.clear();
    faults.order({ kind: 'hang', endpoint: 'sessions' });
    await publishes(program, {
      [`livekit_cloud_up${labels}`]: 0,
      [`livekit_cloud_live_up${labels}`]: 1,
      [`livekit_cloud_live_rooms${labels}`]: 2,
    });
  });

  it('counts egresses that ended while it was down once after a restart with state', async () => {
    const { program, flags } = run();
    const active = 'livekit_cloud_live_egresses{project="recorded",status="active"}';
    const ended = 'livekit_cloud_egresses_ended_total{project="recorded",status="complete"}';
    await publishes(program, { [active]: 1, [ended]: 0 });
    program.signal('SIGKILL');
    await program.exit();
    recorded.session('RM_0')!.endsAt = unixSeconds();

    await publishes(serve({}, flags), { [active]: 0, [ended]: 1 });
  });
});

it('once prints what a URL alone tells', async () => {
  const simulator = await simulate(cloudOf(2));
  const program = startProgram(['once'], {
    LIVEKIT_URL: simulator.url.replace('http', 'ws'),
    LIVEKIT_API_KEY: project.apiKey,
    LIVEKIT_API_SECRET: project.apiSecret,
  });
  expect(await program.exit()).toBe(0);
  expect(program.output).toContain('livekit_cloud_live_participants{project="127"} 4');
});

it('doctor says what the live source answers without a session list, and what is wrong with it', async () => {
  const wrong = { ...alone, settings: { ...alone.settings, api_secret: `not-${project.apiSecret}` } };
  const { file } = await simulateProjects({ right: alone, wrong }, onTestFinished);
  const program = startProgram(['doctor', `--config.file=${file}`]);
  expect(await program.exit()).toBe(1);
  const [, right, refused] = program.output.split(/^Project .*$/m);
  expect(right).toMatch(/ok +live rooms +2 rooms, 4 participants/);
  expect(right).toMatch(/ok +live egresses +0 running, 0 ended/);
  expect(refused).toMatch(/FAIL +live rooms[^]*answered 401[^]*set live\.egress to false/);
  expect(program.output).not.toContain('session list');
});
