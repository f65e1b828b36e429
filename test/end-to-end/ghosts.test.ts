// Rooms that only one of the two sources knows, through the built program in fast time and a real Prometheus with the
// product's rules: one project with the live source, and the same one without it.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { itWithPrometheus } from '../prometheus-programs.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import { eventually } from './eventually.ts';
import { FastClock } from './fast-clock.ts';
import { impatientRules } from './impatient-rules.ts';
import { startPrometheus } from './prometheus-server.ts';
import { serve } from './running-program.ts';
import { keys, project, simulate, unixSeconds } from './simulated-api.ts';

const projects = ['both', 'list'];
/** Both are open for too long, with an egress, and without traffic. */
const rooms = ['real', 'ghost'];
const alerts = ['EgressTooLong', 'RoomWithoutTraffic', 'SessionTooLong'];

itWithPrometheus(
  'a ghost is told of and no alert names it, and a room that the list learns of too late is in the live gauges',
  async () => {
    const clock = new FastClock(30);
    const started = clock.now();
    const listed = new ScriptedCloud({ startedAt: started });
    const live = new ScriptedCloud({ startedAt: started });
    for (const roomName of rooms) {
      const script = { id: `RM_${roomName}`, roomName, startsAt: started - 90_000 };
      const session = { ...script, egress: { from: started - 80_000 } };
      listed.addSession(session);
      if (roomName !== 'ghost') live.addSession(session);
    }
    const clocks = { now: clock.now, tokenNow: clock.now };
    const api = await simulate(listed, {
      ...clocks,
      projects: projects.map((id) => ({ ...project, id, cloud: listed })),
    });
    const server = await simulate(live, clocks);

    const folder = temporaryFolder();
    const file = join(folder, 'config.yaml');
    const configured = [
      { name: 'both', id: 'both', url: server.url.replace('http', 'ws'), ...keys },
      { name: 'list', id: 'list', ...keys },
    ];
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ projects: configured, api: { url: api.url } }));
    const program = serve(clock.environment, {
      'config.file': file,
      'poll.interval': '30s',
      // Of the machine's time, that is a few seconds.
      'api.request-timeout': '5m',
    });
    await program.ready();
    const blocks = join(folder, 'tsdb');
    writeFileSync(join(folder, 'history'), pastEgresses());
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'history'), blocks]);
    const port = Number(new URL(await program.url()).port);
    const ruleFiles = impatientRules(folder);
    const prometheus = await startPrometheus({ livekit: port }, '', { blocks, ruleFiles });
    onTestFinished(() => prometheus.stop());

    await eventually(async () =>
      expect(await prometheus.query('livekit_cloud_unconfirmed_sessions')).toEqual({
        'livekit_cloud_unconfirmed_sessions{project="both"}': 1,
      }),
    );
    expect((await program.get('/')).body.replace(/\s+/g, ' ')).toContain(
      '1 session that the session list calls active has no room any more.',
    );
    const firing = `ALERTS{alertstate="firing",alertname=~"LiveKitCloud(${alerts.join('|')})"}`;
    const named = (project: string, room: string) =>
      alerts.map((alert) => [`{alertname="LiveKitCloud${alert}",project="${project}",room="${room}"}`, 1]);
    const expected = [...named('both', 'real'), ...named('list', 'real'), ...named('list', 'ghost')];
    await eventually(async () =>
      expect(await prometheus.query(`count by (alertname, project, room) (${firing})`)).toEqual(
        Object.fromEntries(expected),
      ),
    );
    // Nor did any before.
    expect(
      await prometheus.query('last_over_time(ALERTS{project="both",room="ghost",alertstate="firing"}[1h])'),
    ).toEqual({});

    const brief = { id: 'RM_brief', roomName: 'brief', startsAt: clock.now(), participants: 7 };
    const ofBrief = 'livekit_cloud_live_room_participants{project="both",room="brief"}';
    live.addSession(brief);
    await eventually(async () => expect(await prometheus.query(ofBrief)).toEqual({ [ofBrief]: 7 }));
    const endsAt = clock.now();
    live.endSession('RM_brief', endsAt);
    await eventually(async () => expect(await prometheus.query(ofBrief)).toEqual({}));
    listed.addSession({ ...brief, endsAt });
    await eventually(async () =>
      expect(await prometheus.query('livekit_cloud_sessions_started_total{project="both"}')).toEqual({
        'livekit_cloud_sessions_started_total{project="both"}': 1,
      }),
    );
    const listedThen = await prometheus.history(
      'livekit_cloud_room_active_participants{project="both",room="brief"}',
    );
    expect(listedThen.filter((participants) => participants > 0)).toEqual([]);
  },
);

/** Each room was recorded for long enough that somebody should look, until ten minutes ago. */
function pastEgresses(): string {
  const end = Math.floor(unixSeconds()) - 600;
  const minutes = Array.from({ length: 400 }, (_, minute) => end - (400 - minute) * 60);
  const lines = projects.flatMap((name) =>
    rooms.flatMap((room) => {
      const labels = `job="livekit",instance="past",project="${name}",room="${room}",state="active"`;
      return minutes.map((time) => `livekit_cloud_room_egress_state{${labels}} 1 ${String(time)}\n`);
    }),
  );
  return [...lines, '# EOF\n'].join('');
}
