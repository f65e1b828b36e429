// `once`: one poll of each project, or as many as the whole window takes; the exposition to standard output.
import { setMaxListeners } from 'node:events';
import type { Settings } from '../config/settings.ts';
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
  await exporter.configure(projects);
  const { controller, release } = followSignal(program.stop);
  // Each project listens.
  setMaxListeners(0, controller.signal);
  const { pollers, livePollers } = exporter;
  // Elsewhere the log says it.
  const bar = program.errorOutput.isTTY && showProgress(program, () => progressOf(pollers));
  const pollList = async (poller: Poller): Promise<void> => {
    do await poller.poll(controller.signal);
    while (wholeWindow && !poller.status.windowComplete && !poller.status.failure && !program.stop.aborted);
  };
  const all = [...pollers, ...livePollers];
  await Promise.all([
    ...pollers.map(pollList),
    ...livePollers.map((poller) => poller.poll(controller.signal)),
  ]);
  if (bar) bar.stop();
  // Session details are read between polls, and no other poll follows.
  controller.abort();
  release();
  if (program.stop.aborted) return 1;
  const { body } = await exporter.exposition.metrics({ format: 'text', encoding: 'identity' });
  program.output.write(body.toString());
  return all.every(({ status }) => status.lastSuccessAt !== undefined) ? 0 : 1;
}

function progressOf(pollers: readonly Poller[]): Progress | undefined {
  const listing = pollers.find(({ status }) => status.progress);
  const { status: { progress } = {}, waitsFor } = listing ?? {};
  return progress && { what: 'Listing sessions', share: shareOf(progress), waitsFor };
}
