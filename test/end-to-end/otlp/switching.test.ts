// What switches the push on and off: OpenTelemetry's variables alone. While it is off nothing of it is loaded.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../at-end.ts';
import { startCollector, startHttpCollector } from '../../push/collector.ts';
import { eventually } from '../eventually.ts';
import { serve, startProgram, type RunningProgram } from '../running-program.ts';
import { cloudOf, environmentOf, simulate } from '../simulated-api.ts';
import { grown, nextPush, pushTo, valueOf } from './pushes.ts';

const polls = 'livekit_cloud_exporter_polls_total{project="p_1"}';

/** Nothing of these may move while the program polls three times more: pushes would have come thirty times. */
async function expectNoPush(
  program: RunningProgram,
  ...collectors: readonly { requests: readonly unknown[] }[]
) {
  const counts = () => collectors.map(({ requests }) => requests.length);
  const before = counts();
  await grown(program, polls, ((await program.value(polls)) ?? NaN) + 2);
  expect(counts()).toEqual(before);
}

describe('the push is switched on', () => {
  it('by the variables of OpenTelemetry alone, which name who pushes', async () => {
    const collector = await startHttpCollector();
    const simulator = await simulate(cloudOf(3));
    const program = serve({
      ...environmentOf(simulator),
      OTEL_EXPORTER_OTLP_ENDPOINT: new URL(collector.endpoint).origin,
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_SERVICE_NAME: 'usage',
      OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=one,deployment.environment.name=caf%C3%A9%2C%20eu',
    });
    await program.ready();
    const points = await nextPush(collector);
    expect(valueOf(points, 'livekit_cloud_active_rooms', { project: 'p_1' })).toBe(3);
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/metrics',
      resource: {
        'service.name': 'usage',
        'service.instance.id': 'one',
        'deployment.environment.name': 'café, eu',
      },
    });
    expect(collector.violations).toEqual([]);
  });

  it('for the demonstration too', async () => {
    const collector = await startHttpCollector();
    startProgram(['demo', '--web.listen-address=127.0.0.1:0'], pushTo(collector.endpoint));
    await eventually(() => {
      const points = collector.requests.at(-1)?.points;
      for (const project of ['production', 'staging'])
        expect(valueOf(points, 'livekit_cloud_up', { project })).toBe(1);
    });
    expect(collector.violations).toEqual([]);
  });
});

it('a variable that switches it off is named', async () => {
  const collector = await startHttpCollector();
  const simulator = await simulate(cloudOf(3));
  const program = serve({
    ...environmentOf(simulator),
    ...pushTo(collector.endpoint),
    OTEL_SDK_DISABLED: 'true',
  });
  await program.ready();
  await expectNoPush(program, collector);
  expect(program.log).toContainEqual(
    expect.objectContaining({
      level: 'WARN',
      msg: expect.stringContaining('Nothing is pushed'),
      variable: 'OTEL_SDK_DISABLED',
    }),
  );
  expect(await program.metrics()).not.toContain('_otlp_');
});

it('variables for the whole cluster that are not known here are warned of once each, and pushes go on', async () => {
  const collector = await startHttpCollector();
  const simulator = await simulate(cloudOf(3));
  const variables = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'foo',
    OTEL_METRIC_EXPORT_TIMEOUT: 'abc',
    OTEL_METRICS_EXPORTER: 'prometheus,none,otlp,statsd',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
  };
  const program = serve({ ...environmentOf(simulator), ...pushTo(collector.endpoint), ...variables });
  await program.ready();
  await nextPush(collector);
  const warned = program.log.filter(({ level }) => level !== 'INFO').map(({ variable }) => variable);
  expect(warned.toSorted()).toEqual(Object.keys(variables).toSorted());
  expect(collector.violations).toEqual([]);
});

it('an endpoint that is none keeps nothing down but the push', async () => {
  const simulator = await simulate(cloudOf(3));
  const program = serve({ ...environmentOf(simulator), OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' });
  await program.ready();
  expect(await program.metrics()).toContain('livekit_cloud_up{project="p_1"} 1');
  expect(program.log).toContainEqual(
    expect.objectContaining({ level: 'ERROR', variable: 'OTEL_EXPORTER_OTLP_ENDPOINT' }),
  );
});

describe('what is loaded', () => {
  /** The files of the program that were loaded, as V8 knows them, and what is in them. */
  async function loadedFiles(environment: Readonly<Record<string, string>>, until: () => unknown) {
    const folder = temporaryFolder();
    const simulator = await simulate(cloudOf(3));
    const program = serve({ ...environmentOf(simulator), ...environment, NODE_V8_COVERAGE: folder });
    await program.ready();
    await eventually(until);
    program.signal('SIGTERM');
    expect(await program.exit()).toBe(0);
    const names = new Set<string>();
    for (const report of await readdir(folder)) {
      const { result } = JSON.parse(await readFile(join(folder, report), 'utf8')) as {
        result: { url: string }[];
      };
      for (const { url } of result) if (url.includes('/dist/')) names.add(basename(url));
    }
    expect(names).toContain('main.js');
    const files = [...names].map(async (name) => [name, await readFile(join('dist', name), 'utf8')] as const);
    return new Map(await Promise.all(files));
  }

  const isOfOtlp = ([, code]: readonly [string, string]): boolean =>
    /startTimeUnixNano|grpc\.primary_user_agent/.test(code);
  const isOfGrpc = ([, code]: readonly [string, string]): boolean => /grpc\.primary_user_agent/.test(code);

  it('is nothing of OTLP while nothing is pushed, also when variables for other programs are set', async () => {
    const files = await loadedFiles(
      { OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      () => undefined,
    );
    expect([...files].filter(isOfOtlp)).toEqual([]);
  });

  it.each([
    ['http/protobuf', false],
    ['grpc', true],
  ] as const)('of the protocols is only %s', async (protocol, usesGrpc) => {
    const collector = await startCollector[protocol]();
    const files = await loadedFiles(pushTo(collector.endpoint, protocol), () =>
      expect(collector.requests).not.toEqual([]),
    );
    expect([...files].filter(isOfOtlp)).not.toEqual([]);
    expect([...files].some(isOfGrpc)).toBe(usesGrpc);
  });
});
