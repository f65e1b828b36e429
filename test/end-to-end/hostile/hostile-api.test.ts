// Everything a hostile API can answer, to one running program at once: what it costs, what is said of it, and that
// the next good answer mends it.
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { afterAllTests } from '../../at-end.ts';
import { itWithPrometheus, promtoolComplaints } from '../../prometheus-programs.ts';
import { eventually } from '../eventually.ts';
import { startPrometheus } from '../prometheus-server.ts';
import { serve, type RunningProgram } from '../running-program.ts';
import { configurationFile } from '../shared-run.ts';
import { project, unixSeconds } from '../simulated-api.ts';
import { hostileCases } from './answers.ts';
import { startHostileApi, type HostileApi } from './api.ts';
import { type Sample, samplesOf } from './samples.ts';

/** Twice what a busy machine needs, where garbage waits longer; answers without end, kept, take it in seconds. */
const mostMemory = 1280 * 2 ** 20;

const failing = hostileCases.filter(({ failure }) => failure !== undefined);
const taken = hostileCases.filter(({ failure }) => failure === undefined);

let api: HostileApi;
let program: RunningProgram;
let metrics: string;
let samples: readonly Sample[];
const atEnd = afterAllTests();

beforeAll(async () => {
  api = await startHostileApi(new Map(hostileCases.map(({ name, answer }) => [name, answer])), atEnd);
  const { apiKey, apiSecret } = project;
  const projects = hostileCases.map(({ name, failure }, index) => ({
    name,
    id: `p_${String(index)}`,
    api_key: apiKey,
    api_secret: apiSecret,
    api: { url: api.url(name), request_timeout: failure?.reason === 'timeout' ? '500ms' : '60s' },
  }));
  const flags = {
    'config.file': configurationFile({ projects }, atEnd),
    'poll.interval': '20s',
    'api.page-size': '10',
  };
  program = serve({}, flags, atEnd);
  // Ten seconds of a processor, of which a busy machine has a tenth to spare.
  await eventually(async () => expect(await program.get('/-/ready')).toMatchObject({ status: 200 }), 200);
  metrics = await program.metrics();
  samples = samplesOf(metrics);
});

/** The values of a label on the samples of a family that are not 0, of the project of this name. */
function valuesOf(label: string, family: string, name: string): readonly (string | undefined)[] {
  return samples
    .filter((sample) => sample.family === family && sample.labels.project === name && sample.value !== 0)
    .map(({ labels }) => labels[label]);
}

function up(name: string): number | undefined {
  return samples.find(({ family, labels }) => family === 'livekit_cloud_up' && labels.project === name)
    ?.value;
}

describe('an answer that means harm', () => {
  it.each(failing)('is a counted failure: $name', ({ name, failure = expect.fail() }) => {
    expect(up(name)).toBe(0);
    const reasons = valuesOf('reason', 'livekit_cloud_exporter_poll_failures_total', name);
    expect(reasons).not.toEqual([]);
    for (const reason of reasons) expect(reason).toBe(failure.reason);
    const [line] = program.log.filter(({ level, project }) => level === 'ERROR' && project === name);
    expect(reasons).toContain(line?.reason);
    expect(line).toMatchObject({
      err: expect.stringMatching(failure.words) as string,
      remedy: expect.stringMatching(/./) as string,
    });
  });

  it.each(taken)('is taken for what is good of it: $name', ({ name, rooms, rejected = [] }) => {
    expect(up(name)).toBe(1);
    expect(valuesOf('room', 'livekit_cloud_room_active_sessions', name).toSorted()).toEqual(
      rooms?.toSorted(),
    );
    expect(valuesOf('reason', 'livekit_cloud_exporter_rows_rejected_total', name)).toEqual(rejected);
  });

  it('costs bounded memory, all of them at once', () => {
    expect(program.memoryPeak).toBeLessThan(mostMemory);
  });

  it('leads nobody elsewhere', () => {
    expect(api.authorizations.size).toBeGreaterThan(0);
    expect(api.strayed()).toBe(0);
  });

  itWithPrometheus(
    'leaves metrics that promtool accepts, and a real Prometheus reads names as they are',
    async () => {
      expect(promtoolComplaints(metrics)).toBe('');
      const { port } = new URL(await program.url());
      const prometheus = await startPrometheus({ exporter: Number(port) });
      onTestFinished(() => prometheus.stop());
      const { rooms } = hostileCases.find(({ name }) => name === 'names of any character') ?? expect.fail();
      const selector =
        'livekit_cloud_room_active_sessions{project="names of any character",room!="__other__"}';
      await eventually(async () => {
        const now = unixSeconds();
        const read = (await prometheus.histories(selector, 60, now)).map(({ labels }) => labels.room);
        expect(read.toSorted()).toEqual(rooms?.toSorted());
      });
    },
  );

  it('is forgotten with the next good one', async () => {
    api.behave();
    await eventually(async () => {
      samples = samplesOf(await program.metrics());
      for (const { name } of hostileCases) expect(up(name), name).toBe(1);
    });
    program.signal('SIGTERM');
    expect(await program.exit()).toBe(0);
  });
});
