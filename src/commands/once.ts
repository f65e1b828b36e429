// `once`: one poll of each project, or as many as the whole window takes, with the details of its sessions; the exposition
// to standard output.
import { setMaxListeners } from 'node:events';
import type { ProjectSettings, Settings } from '../config/settings.ts';
import { followSignal } from '../lib/signals.ts';
import { Exporter } from '../exporter/exporter.ts';
import type { Poller } from '../poll/poller.ts';
import { shareOf } from '../poll/poll-status.ts';
import { type Program, type Progress, showProgress } from './program.ts';

/** Resolves to the exit code: 0 when every poll was complete, else 1. */
export async function once({ projects, wholeWindow }: Settings, program: Program): Promise<0 | 1> {
  // The program has ended when its output is read; in a textfile collector its process_* metrics would clash with others.
  const exporter = new Exporter(program, { ofProcess: false });
  await exporter.configure(
    wholeWindow ? projects : projects.map((project) => withoutDetails(project, program)),
  );
  const { controller, release } = followSignal(program.stop);
  // Each project listens.
  setMaxListeners(0, controller.signal);
  const { pollers, livePollers } = exporter;
  const readings = pollers.map((poller): Reading => ({ poller, mostUnread: 1 }));
  const isTerminal = program.errorOutput.isTTY === true;
  const hideProgress = showProgress(program, () => progressOf(readings, isTerminal));
  await Promise.all([
    ...readings.map((reading) =>
      wholeWindow ? readWindow(reading, controller.signal) : reading.poller.poll(controller.signal),
    ),
    ...livePollers.map((poller) => poller.poll(controller.signal)),
  ]);
  hideProgress();
  // Session details are read between polls, and no other poll follows.
  controller.abort();
  release();
  if (program.stop.aborted) return 1;
  const { body } = await exporter.exposition.metrics({ format: 'text', encoding: 'identity' });
  program.output.write(body.toString());
  return [...pollers, ...livePollers].every(({ status }) => status.lastSuccessAt !== undefined) ? 0 : 1;
}

/** One poll has no time to read session details: what comes of them would be shown as 0, or too low. */
function withoutDetails(project: ProjectSettings, { log }: Program): ProjectSettings {
  if (!project.details.enabled || project.id === '') return project;
  log.warn(
    'Session details are not read: the month is without connection time, also in livekit_cloud_month_cost_dollars',
    {
      project: project.name,
      remedy: 'Give --whole-window to read them all: one request a session, within api.requests_per_minute.',
    },
  );
  return { ...project, details: { enabled: false } };
}

interface Reading {
  readonly poller: Poller;
  /** The most sessions whose details were still to be read at a time. */
  mostUnread: number;
}

function unreadOf({ status }: Poller): number {
  return status.snapshot?.details?.unread ?? 0;
}

/** Polls until all sessions of the window are listed and their details are read, or no more of them can be. */
async function readWindow(reading: Reading, signal: AbortSignal): Promise<void> {
  const { poller } = reading;
  let unreadBefore = Infinity;
  let wereAllTried = false;
  for (;;) {
    await poller.poll(signal);
    const { windowComplete, failure } = poller.status;
    if (failure || signal.aborted) return;
    const unread = unreadOf(poller);
    const isStuck = wereAllTried && unread >= unreadBefore;
    if (windowComplete && (unread === 0 || isStuck)) return;
    unreadBefore = unread;
    reading.mostUnread = Math.max(unread, reading.mostUnread);
    wereAllTried = await poller.detailsRead(signal);
  }
}

/** The log says itself how listings go. */
function progressOf(readings: readonly Reading[], isTerminal: boolean): Progress | undefined {
  const listing = readings.find(({ poller }) => poller.status.progress)?.poller;
  if (listing?.status.progress && isTerminal) {
    const share = shareOf(listing.status.progress);
    return { what: 'Listing sessions', share, waitsFor: listing.waitsFor };
  }
  const reading = readings.find(({ poller }) => unreadOf(poller) > 0);
  if (!reading) return undefined;
  const share = 1 - unreadOf(reading.poller) / reading.mostUnread;
  return { what: 'Reading session details', share, waitsFor: reading.poller.waitsFor };
}
