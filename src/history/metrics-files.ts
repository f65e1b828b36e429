// Writes scrapes as OpenMetrics files, one for each two hours, as Prometheus makes its blocks. Holds the values of two
// hours in memory: in a file the samples of a series follow each other.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Histogram } from '../core/counts.ts';
import { familyHeader, openMetricsEnd, sampleLines } from '../exposition/text-format.ts';
import type { Scrape } from './replay.ts';
import { isoTime } from '../lib/time.ts';

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

export class MetricsFiles {
  readonly #folder: string;
  readonly #targetLabels: Readonly<Record<string, string>>;
  #block = NaN;
  #families = new Map<string, Family>();
  readonly #names: string[] = [];

  /** `targetLabels`: what Prometheus adds to the series of a target. */
  constructor(folder: string, targetLabels: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#targetLabels = targetLabels;
  }

  /** Adds what was scraped; times must rise. Throws as node:fs does. */
  add({ time, families }: Scrape): void {
    const block = Math.floor(time / blockSeconds) * blockSeconds;
    if (block !== this.#block) this.#write();
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

  /** Writes the last file; returns the names of all. */
  end(): readonly string[] {
    this.#write();
    return this.#names;
  }

  #write(): void {
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
    this.#names.push(name);
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
