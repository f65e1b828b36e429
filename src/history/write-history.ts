// Writes the past of projects as files for `promtool tsdb create-blocks-from openmetrics`, one for each two hours, as
// Prometheus makes its blocks. They appear in the folder once all of them are written.
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Histogram } from '../core/counts.ts';
import type { LedgerState } from '../core/ledger-state.ts';
import { familyHeader, openMetricsEnd, sampleLines } from '../exposition/text-format.ts';
import { isoTime } from '../lib/time.ts';
import { type ProjectPast, replay, type Scrape, type Span } from './replay.ts';

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
  const files = new MetricsFiles(unfinished, target);
  const scrapes = replay(projects, span);
  for (;;) {
    const { done, value } = await scrapes.next();
    signal?.throwIfAborted();
    if (!done) {
      files.add(value);
      onProgress?.((value.time - span.from) / (span.until - span.from));
      continue;
    }
    files.write();
    for (const name of historyFiles(unfinished)) renameSync(join(unfinished, name), join(folder, name));
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
class MetricsFiles {
  readonly #folder: string;
  readonly #targetLabels: Readonly<Record<string, string>>;
  #block = NaN;
  #families = new Map<string, Family>();

  constructor(folder: string, targetLabels: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#targetLabels = targetLabels;
  }

  /** Adds what was scraped; times must rise. Throws as node:fs does. */
  add({ time, families }: Scrape): void {
    const block = Math.floor(time / blockSeconds) * blockSeconds;
    if (block !== this.#block) this.write();
    this.#block = block;
    for (const { samples, ...introduced } of families) {
      let family = this.#families.get(introduced.name);
      if (!family) {
        family = { header: familyHeader(introduced, 'openmetrics'), series: new Map<string, Series>() };
        this.#families.set(introduced.name, family);
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
  write(): void {
    if (this.#families.size === 0) return;
    const name = `${isoTime(this.#block).slice(0, 16).replace(':', '')}Z.om`;
    const file = openSync(join(this.#folder, name), 'w');
    try {
      for (const [family, { header, series }] of this.#families) {
        if (series.size > 0) writeFileSync(file, header);
        for (const one of series.values()) writeFileSync(file, this.#lines(family, one));
      }
      writeFileSync(file, openMetricsEnd);
    } finally {
      closeSync(file);
    }
    this.#families = new Map();
  }

  #lines(family: string, { labels: own, times, values }: Series): string {
    const labels = { ...this.#targetLabels, ...own };
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
}
