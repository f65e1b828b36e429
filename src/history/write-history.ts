// Writes the past of projects as files for `promtool tsdb create-blocks-from openmetrics`. They appear in the folder once
// all of them are written.
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerState } from '../core/ledger-state.ts';
import { MetricsFiles } from './metrics-files.ts';
import { type ProjectPast, replay, type Span } from './replay.ts';

export interface HistoryOptions {
  readonly projects: readonly ProjectPast[];
  readonly span: Span;
  /** Where the files are to be; it exists. */
  readonly folder: string;
  /** The labels that Prometheus gives to what it scrapes of the exporter. */
  readonly target: { readonly job: string; readonly instance: string };
  readonly signal?: AbortSignal;
  /** Told of how far it has come, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Resolves to what the counters of each project go on from. Rejected with the signal's reason, or as node:fs rejects. */
export async function writeHistory({
  projects,
  span,
  folder,
  target,
  signal,
  onProgress = () => undefined,
}: HistoryOptions): Promise<readonly LedgerState[]> {
  const unfinished = join(folder, '.writing');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const files = new MetricsFiles(unfinished, target);
  const scrapes = replay(projects, span);
  for (;;) {
    const { done, value } = await scrapes.next();
    signal?.throwIfAborted();
    if (!done) {
      files.add(value);
      onProgress((value.time - span.from) / (span.until - span.from));
      continue;
    }
    for (const name of files.end()) renameSync(join(unfinished, name), join(folder, name));
    rmSync(unfinished, { recursive: true });
    return value;
  }
}

/** The files in a folder, the oldest first. */
export function historyFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.om'))
    .sort();
}
