// `once`: one poll of each project, or as many as the whole window takes, with the details of its sessions; the exposition
// to standard output.
import { setMaxListeners } from 'node:events';
import type { ProjectSettings, Settings } from '../config/settings.ts';
import { followSignal } from '../lib/signals.ts';
import { Exporter } from '../exporter/exporter.ts';
import type { Poller } from '../poll/poller.ts';
import { shareOf } from '../poll/poll-status.ts';
import type { Program } from './program.ts';
import { type Progress, showProgress } from './progress.ts';

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
  const listings = pollers.map((poller) => new Listing(poller, controller.signal));
  const bar = showProgress(program, () => progressOf(listings, program.errorOutput.isTTY === true));
  const all = [...pollers, ...livePollers];
  await Promise.all([
    ...listings.map((listing) => (wholeWindow ? listing.readWindow() : listing.poll())),
    ...livePollers.map((poller) => poller.poll(controller.signal)),
  ]);
  bar.stop();
  // Session details are read between polls, and no other poll follows.
  controller.abort();
  release();
  if (program.stop.aborted) return 1;
  const { body } = await exporter.exposition.metrics({ format: 'text', encoding: 'identity' });
  program.output.write(body.toString());
  return all.every(({ status }) => status.lastSuccessAt !== undefined) ? 0 : 1;
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

/** The polls of one project. */
class Listing {
  readonly poller: Poller;
  readonly #signal: AbortSignal;
  #mostUnread = 0;

  constructor(poller: Poller, signal: AbortSignal) {
    this.poller = poller;
    this.#signal = signal;
  }

  poll(): Promise<void> {
    return this.poller.poll(this.#signal);
  }

  /** Polls until all sessions of the window are listed and their details are read, or no more of them can be. */
  async readWindow(): Promise<void> {
    let unreadBefore = Infinity;
    let wereAllTried = false;
    for (;;) {
      await this.poll();
      const { windowComplete, failure } = this.poller.status;
      if (failure || this.#signal.aborted) return;
      const isStuck = wereAllTried && this.unread >= unreadBefore;
      if (windowComplete && (this.unread === 0 || isStuck)) return;
      unreadBefore = this.unread;
      this.#mostUnread = Math.max(this.#mostUnread, this.unread);
      wereAllTried = await this.poller.detailsRead(this.#signal);
    }
  }

  get unread(): number {
    return this.poller.status.snapshot?.details?.unread ?? 0;
  }

  /** From 0 to 1. */
  get detailsShare(): number {
    return 1 - this.unread / Math.max(1, this.#mostUnread);
  }
}

/** The log says itself how listings go. */
function progressOf(listings: readonly Listing[], isTerminal: boolean): Progress | undefined {
  const listing = listings.find(({ poller }) => poller.status.progress);
  const progress = listing?.poller.status.progress;
  if (progress && isTerminal)
    return { what: 'Listing sessions', share: shareOf(progress), waitsFor: listing.poller.waitsFor };
  const reading = listings.find(({ unread }) => unread > 0);
  return (
    reading && {
      what: 'Reading session details',
      share: reading.detailsShare,
      waitsFor: reading.poller.waitsFor,
    }
  );
}
