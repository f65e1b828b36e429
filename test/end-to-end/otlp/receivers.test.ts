// Receivers that are dead, hang or refuse: the running program polls and answers as without them, says what is wrong, stops
// in time, and tells nobody the headers.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../at-end.ts';
import { hang, startCollector } from '../../push/collector.ts';
import { statesIn } from '../../state/states-in.ts';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { serve, type RunningProgram } from '../running-program.ts';
import { cloudOf, environmentOf, simulate } from '../simulated-api.ts';
import { grown, nextPush, pushTo, valueOf } from './pushes.ts';

const polls = 'livekit_cloud_exporter_polls_total{project="p_1"}';
const failures = (reason: string): string =>
  `livekit_cloud_exporter_otlp_push_failures_total{reason="${reason}"}`;

/** It goes on polling, well, and answers scrapes: with a push in the way it would do neither. */
async function expectUndisturbed(program: RunningProgram): Promise<void> {
  await grown(program, polls, ((await program.value(polls)) ?? NaN) + 2);
  expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1);
}

function saidOfPushes(program: RunningProgram): readonly unknown[] {
  return program.log
    .filter(({ msg }) => /push(es)? /i.test(String(msg)))
    .map(({ level, msg, reason }) => [level, msg, reason]);
}

it('a receiver that never answers delays neither polls nor scrapes nor, for long, the stop', async () => {
  const simulator = await simulate(cloudOf(3));
  const collector = await startCollector['http/protobuf']();
  collector.reply(hang, hang);
  // The push would wait for an hour.
  const program = serve({
    ...environmentOf(simulator),
    ...pushTo(collector.endpoint),
    OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    OTEL_METRIC_EXPORT_TIMEOUT: '3600000',
    OTEL_EXPORTER_OTLP_TIMEOUT: '3600000',
  });
  await eventually(() => expect(collector.requests).toHaveLength(1));
  await expectUndisturbed(program);
  expect(collector.requests).toHaveLength(1);
  // What has not stopped after ten seconds ends with another exit code.
  program.signal('SIGTERM');
  expect(await program.exit()).toBe(0);
  expect(program.log).toContainEqual(
    expect.objectContaining({
      level: 'ERROR',
      reason: 'timeout',
      err: expect.stringContaining('asked to stop'),
    }),
  );
});

it('pushes that a receiver lets wait fail in time, are counted and said once; then all goes on', async () => {
  const simulator = await simulate(cloudOf(3));
  const collector = await startCollector['http/protobuf']();
  collector.reply(hang, hang, hang);
  const program = serve({ ...environmentOf(simulator), ...pushTo(collector.endpoint) });
  expect(
    await grown(program, 'livekit_cloud_exporter_otlp_last_successful_push_timestamp_seconds'),
  ).toBeGreaterThan(0);
  const points = await nextPush(collector);
  // More than these fail where the machine stands still for half a second.
  expect(
    valueOf(points, 'livekit_cloud_exporter_otlp_push_failures_total', { reason: 'timeout' }),
  ).toBeGreaterThanOrEqual(3);
  expect(saidOfPushes(program).slice(0, 2)).toEqual([
    ['ERROR', 'Push failed: scrapes and polls continue', 'timeout'],
    ['INFO', 'First push complete', 'timeout'],
  ]);
});

it('a receiver that is not there delays nothing', async () => {
  const simulator = await simulate(cloudOf(3));
  const endpoint = `http://127.0.0.1:${String(await freePort())}`;
  const program = serve({ ...environmentOf(simulator), ...pushTo(endpoint) });
  await grown(program, failures('network'), 1);
  await expectUndisturbed(program);
  // A push whose time is over in the middle of another attempt is said to have taken too long.
  const failed = program.log.find(({ level, reason }) => level === 'ERROR' && reason === 'network');
  expect(failed?.['msg']).toBe('Push failed: scrapes and polls continue');
  expect(failed?.['err']).toContain('ECONNREFUSED');
  expect(failed?.['remedy']).toContain('name resolution and firewall');
  program.signal('SIGTERM');
  expect(await program.exit()).toBe(0);
});

it.each(['http/protobuf', 'grpc'] as const)('no header is ever shown, over %s', async (protocol) => {
  const folder = temporaryFolder();
  const secrets = ['token-of-the-receiver+/=', 'tenant-of-the-receiver'];
  const [token = '', tenant = ''] = secrets;
  const simulator = await simulate(cloudOf(3));
  const collector = await startCollector[protocol]();
  const message = `we do not know Bearer ${token} of ${tenant}`;
  collector.reply(...Array.from({ length: 3 }, () => ({ status: 401, code: 16, message })));
  const program = serve(
    {
      ...environmentOf(simulator),
      ...pushTo(collector.endpoint, protocol),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${encodeURIComponent(token)},x-tenant=${tenant}`,
    },
    { 'log.level': 'debug', 'state.dir': folder },
  );
  await grown(program, failures('auth'), 2);
  await nextPush(collector);
  expect(collector.requests.at(-1)?.headers).toMatchObject({
    authorization: `Bearer ${token}`,
    'x-tenant': tenant,
  });
  expect(program.log).toContainEqual(
    expect.objectContaining({ reason: 'auth', err: expect.stringContaining('we do not know') }),
  );
  await program.readWhatItServes();
  const ofProcess = await Promise.all(
    ['cmdline', 'comm', 'status'].map((file) => readFile(`/proc/${String(program.pid)}/${file}`, 'utf8')),
  );
  await grown(program, 'livekit_cloud_exporter_polls_total{project="p_1"}');
  program.signal('SIGTERM');
  expect(await program.exit()).toBe(0);
  const everything = [program.said, ...ofProcess, ...statesIn(folder)].join('\n');
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      expect(everything).not.toContain(form);
  }
});
