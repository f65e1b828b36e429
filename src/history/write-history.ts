// Writes the past of projects as files for `promtool tsdb create-blocks-from openmetrics`, one for each two hours, as
// Prometheus makes its blocks. They appear in the folder once all of them are written.
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Histogram } from '../core/counts.ts';
import type { FamilyValues } from '../core/family.ts';
import type { LedgerState } from '../core/ledger-state.ts';
import { familyHeader, openMetricsEnd, sampleLines } from '../exposition/text-format.ts';
import { isoTime } from '../lib/time.ts';
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
export async function writeHistory(options: HistoryOptions): Promise<readonly LedgerState[]> {
  const { projects, span, folder, target, signal, onProgress } = options;
  const unfinished = join(folder, '.writing');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const files = metricsFiles(unfinished, target);
  const states = await replay(projects, span, (time, families) => {
    signal?.throwIfAborted();
    files.add(time, families);
    onProgress?.((time - span.from) / (span.until - span.from));
  });
  files.write();
  for (const name of historyFiles(unfinished)) renameSync(join(unfinished, name), join(folder, name));
  rmSync(unfinished, { recursive: true });
  return states;
}

/** The files in a folder, the oldest first. */
export function historyFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.om'))
    .sort();
}

const blockSeconds = 7200;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly times: number[];
  readonly values: (number | Histogram)[];
}

interface Family {
  readonly header: string;
  /** By the values of their labels, which are the same for all series of a family. */
  readonly series: Map<string, Series>;
}

/** Holds the values of two hours in memory: in a file the samples of a series follow each other. */
function metricsFiles(folder: string, targetLabels: HistoryOptions['target']) {
  let block = NaN;
  const inBlock = new Map<string, Family>();

  /** Adds what was scraped; times must rise. Throws as node:fs does. */
  function add(time: number, families: Iterable<FamilyValues>): void {
    const blockOfTime = Math.floor(time / blockSeconds) * blockSeconds;
    if (blockOfTime !== block) write();
    block = blockOfTime;
    for (const { samples, ...introduced } of families) {
      let family = inBlock.get(introduced.name);
      if (!family) {
        family = { header: familyHeader(introduced, 'openmetrics'), series: new Map<string, Series>() };
        inBlock.set(introduced.name, family);
      }
      for (const { labels, value } of samples) {
        const key = Object.values(labels).join('\n');
        let series = family.series.get(key);
        if (!series) family.series.set(key, (series = { labels, times: [], values: [] }));
        series.times.push(time);
        series.values.push(value);
      }
    }
  }

  /** Writes the file of what was added since the last. */
  function write(): void {
    if (inBlock.size === 0) return;
    const name = `${isoTime(block).slice(0, 16).replace(':', '')}Z.om`;
    const file = openSync(join(folder, name), 'w');
    try {
      for (const [family, { header, series }] of inBlock) {
        if (series.size > 0) writeFileSync(file, header);
        for (const { labels, times, values } of series.values())
          writeFileSync(file, seriesLines(family, { labels: { ...targetLabels, ...labels }, times, values }));
      }
      writeFileSync(file, openMetricsEnd);
    } finally {
      closeSync(file);
    }
    inBlock.clear();
  }

  return { add, write };
}

function seriesLines(family: string, { labels, times, values }: Series): string {
  // All lines of a number begin alike.
  const start = sampleLines(family, { labels, value: 0 }, 'openmetrics').slice(0, -'0\n'.length);
  return values
    .map((value, index) => {
      const ending = ` ${String(times[index])}\n`;
      if (typeof value === 'number') return `${start}${String(value)}${ending}`;
      return sampleLines(family, { labels, value }, 'openmetrics').replaceAll('\n', ending);
    })
    .join('');
}
