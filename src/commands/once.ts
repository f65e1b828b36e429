// `once`: one poll of each project, the exposition to standard output.
import { setMaxListeners } from 'node:events';
import type { ProjectSettings } from '../config/settings.ts';
import { followSignal } from '../lib/signals.ts';
import { Exporter } from '../exporter/exporter.ts';
import type { Program } from './program.ts';

/** Resolves to the exit code: 0 when every poll was complete, else 1. */
export async function once(projects: readonly ProjectSettings[], program: Program): Promise<0 | 1> {
  // Of a program that has ended nobody wants to know; in a textfile collector its metrics would clash with others.
  const exporter = new Exporter(program, { ofProcess: false });
  await exporter.configure(projects);
  const { controller, release } = followSignal(program.stop);
  // Each project listens.
  setMaxListeners(0, controller.signal);
  const all = [...exporter.pollers, ...exporter.livePollers];
  await Promise.all(all.map((poller) => poller.poll(controller.signal)));
  // Session details are read between polls, and no other poll follows.
  controller.abort();
  release();
  if (program.stop.aborted) return 1;
  const { body } = await exporter.exposition.metrics({ format: 'text', encoding: 'identity' });
  program.output.write(body.toString());
  return all.every(({ status }) => status.lastSuccessAt !== undefined) ? 0 : 1;
}
