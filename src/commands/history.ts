// `history`: what the API still lists of the last days, as files for Prometheus, as if the exporter had polled all along.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../config/mistakes.ts';
import type { ProjectSettings, Settings } from '../config/settings.ts';
import { SourceError } from '../core/source-error.ts';
import { projectKey } from '../exporter/exporter-state.ts';
import { prepare } from '../exporter/project-parts.ts';
import { openPastReader } from '../history/past-reader.ts';
import { isoTime, unixSeconds } from '../lib/time.ts';
import { historyFiles, writeHistory } from '../history/write-history.ts';
import { startOfDay } from '../livekit/wire/wire.ts';
import { Network } from '../network/network.ts';
import { openStateFolder, stateFileName } from '../state/state-folder.ts';
import type { StateStore, StoredPart } from '../state/state-store.ts';
import { type Program, showProgress } from './program.ts';

/** As the ledger: a clock of ours that is behind must not ask for a day that is too long ago. */
const marginSeconds = 300;

const nobody = {
  requestFinished: () => undefined,
  requestRetried: () => undefined,
  budgetWaited: () => undefined,
};

/** Resolves to the exit code: 1 when it was stopped, or could not read all. Rejected with a ConfigurationError or StateError. */
export async function history(settings: Settings, program: Program): Promise<0 | 1> {
  const { output: folder, since, step, job, instance, keepState, state } = settings;
  const { log, stop } = program;
  prepareFolder(folder);
  const projects = settings.projects.filter(({ id }) => id !== '');
  if (projects.length === 0)
    throw new ConfigurationError(['no project has an id: only the Analytics API knows the past']);
  if (keepState && state.dir === '')
    throw new ConfigurationError(['--state: set state.dir to the state folder of the exporter']);
  const store = keepState ? await openStateFolder(state.dir, { log, now: unixSeconds }) : undefined;
  try {
    const states = store && (await openStates(store, projects));
    const from = startOfDay(unixSeconds() + marginSeconds - since);
    const readings = openReadings(projects, { folder, from, network: new Network(program.environment) });
    program.started();
    if (!(await readAll(readings, program))) return 1;

    const until = Math.floor(Math.max(...readings.map(({ reader }) => reader.readTo())));
    let share = 0;
    const hideProgress = showProgress(program, () => ({ what: 'Writing files', share }));
    const written = await writeHistory({
      projects: readings.map(({ prepared: { settings, rules, plan }, reader }) => ({
        ...{ name: settings.name, rules, plan, rows: reader.rows() },
        details: (sessionId) => reader.details(sessionId),
      })),
      span: { from, until, step },
      folder,
      target: { job, instance },
      signal: stop,
      onProgress: (done) => (share = done),
    }).finally(hideProgress);
    for (const [index, state] of written.entries()) await states?.[index]?.save({ ...state });
    for (const { reader } of readings) reader.close();
    rmSync(join(folder, readFolder), { recursive: true });
    const sessions = readings.reduce((sum, { reader }) => sum + reader.rows().length, 0);
    program.output.write(nextSteps(settings, { from, until, sessions }));
    return 0;
  } catch (error) {
    if (!stop.aborted) throw error;
    log.info('Stopped: the same command continues from here', { output: folder });
    return 1;
  } finally {
    await store?.close();
  }
}

/** In the folder of the output, until all is written. */
const readFolder = '.read';

function prepareFolder(folder: string): void {
  if (folder === '') throw new ConfigurationError(['--output: missing; write --output=FOLDER']);
  mkdirSync(folder, { recursive: true });
  // What was read is still there when the states could not be written: then the files are written again.
  if (historyFiles(folder).length > 0 && !existsSync(join(folder, readFolder)))
    throw new ConfigurationError([
      `--output: ${folder} already has a history; import its files, or choose another folder`,
    ]);
  mkdirSync(join(folder, readFolder), { recursive: true });
}

function openStates(store: StateStore, projects: readonly ProjectSettings[]): Promise<readonly StoredPart[]> {
  return Promise.all(
    projects.map(async (project) => {
      const state = store.open(projectKey(project)).list;
      if (await state.load())
        throw new ConfigurationError([
          `--state: ${store.place} has counters of ${project.name} already, which would be lost; leave out --state, or remove them`,
        ]);
      return state;
    }),
  );
}

function openReadings(
  projects: readonly ProjectSettings[],
  { folder, from, network }: { folder: string; from: number; network: Network },
) {
  return projects.flatMap((settings) => {
    const prepared = prepare(settings, { network, isShared: false }, nobody, undefined);
    const { list: source } = prepared;
    if (!source) return [];
    const reader = openPastReader({
      source,
      path: join(folder, readFolder, stateFileName(projectKey(settings))),
      from,
      detailsAtATime: settings.details.enabled ? settings.api.concurrency : 0,
    });
    return { prepared, source, reader };
  });
}

/** Whether all could be read. */
async function readAll(readings: ReturnType<typeof openReadings>, program: Program): Promise<boolean> {
  const hideProgress = showProgress(program, () => {
    const [slowest] = [...readings].sort((a, b) => a.reader.progress().share - b.reader.progress().share);
    return slowest && { ...slowest.reader.progress(), waitsFor: slowest.source.waitsFor() };
  });
  const outcomes = await Promise.allSettled(readings.map(({ reader }) => reader.read(program.stop)));
  hideProgress();
  for (const { prepared } of readings) prepared.close();
  program.stop.throwIfAborted();
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') continue;
    const error: unknown = outcome.reason;
    if (!(error instanceof SourceError)) throw error;
    const { reason, message: err, remedy } = error;
    program.log.error('The sessions cannot be read: the same command continues from here', {
      ...{ project: readings[index]?.prepared.settings.name, reason, err, remedy },
    });
  }
  return outcomes.every(({ status }) => status === 'fulfilled');
}

function nextSteps(
  { output: folder, step, keepState, state: { dir } }: Settings,
  { from, until, sessions }: Readonly<Record<'from' | 'until' | 'sessions', number>>,
): string {
  const time = (unix: number) => isoTime(unix).replace('.000Z', 'Z');
  const counters = keepState
    ? `The counters are in ${dir}: an exporter with this state.dir continues from them.`
    : 'An exporter that starts now counts from 0. Prometheus treats that as a restart: rate() and increase() stay correct.';
  return `${historyFiles(folder).length} files in ${folder}: ${sessions} sessions from ${time(from)} to ${time(until)}.

Import them before Prometheus scrapes the exporter for the first time, into the folder of its data (here /prometheus), as
its user:

  for file in '${folder}'/*.om; do promtool tsdb create-blocks-from openmetrics "$file" /prometheus; done

Within a minute Prometheus shows them, if --storage.tsdb.retention.time is long enough. Then add what the recording rules
would have recorded. Each level needs the one before, once Prometheus has found it:

  for level in 1 2 3; do
    promtool tsdb create-blocks-from rules --max-block-duration=18h --eval-interval=${step}s \\
      --start=${time(from)} --end=${time(until)} --url=http://localhost:9090 --output-dir=/prometheus deploy/prometheus/backfill/$level.yml
    sleep 90
  done

${counters}
`;
}
