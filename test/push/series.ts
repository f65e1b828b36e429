// What was pushed, and what the text format and OpenMetrics say, in one form that can be compared.
import { samplesOf } from '../end-to-end/hostile/samples.ts';
import { parseOpenMetrics } from '../open-metrics-parser.ts';
import type { CollectedPoint } from './collected.ts';

/** Values by series, histograms as the three kinds of series that Prometheus makes of them. */
export type Series = ReadonlyMap<string, number>;

export interface FamilyWords {
  readonly type: string;
  readonly help: string;
  /** As OpenMetrics writes it; the text format has none. */
  readonly unit: string | undefined;
}

export interface Published {
  readonly series: Series;
  readonly families: Readonly<Record<string, FamilyWords>>;
}

/** How a series is called here. */
export function named(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name}${JSON.stringify(Object.entries(labels).sort())}`;
}

interface HistogramValue {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** The series that a scrape would have brought of a point. */
export function seriesOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  value: number | HistogramValue,
): [series: string, value: number][] {
  if (typeof value === 'number') return [[named(name, labels), value]];
  let sum = 0;
  const buckets = value.counts.map((count, index): [string, number] => {
    sum += count;
    return [named(`${name}_bucket`, { ...labels, le: String(value.bounds[index] ?? '+Inf') }), sum];
  });
  return [...buckets, [named(`${name}_sum`, labels), value.sum], [named(`${name}_count`, labels), sum]];
}

export function pushed(points: readonly CollectedPoint[]): Published {
  const types = { gauge: 'gauge', sum: 'counter', histogram: 'histogram' };
  const units: Readonly<Record<string, string>> = { By: 'bytes', s: 'seconds' };
  return {
    series: new Map(points.flatMap(({ name, attributes, value }) => seriesOf(name, attributes, value))),
    families: Object.fromEntries(
      points.map(({ name, type, unit, description }) => [
        name,
        { type: types[type], help: description, unit: units[unit] ?? unit },
      ]),
    ),
  };
}

export function inText(text: string): Published {
  const helps = Object.fromEntries(
    [...text.matchAll(/^# HELP (\w+) (.*)$/gm)].map(([, name = '', help = '']) => [name, help]),
  );
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  return {
    series: new Map(samplesOf(text).map(({ family, labels, value }) => [named(family, labels), value])),
    families: Object.fromEntries(
      types.map(([, name = '', type = '']) => [name, { type, help: helps[name] ?? '', unit: undefined }]),
    ),
  };
}

export function inOpenMetrics(text: string): Published {
  const families = parseOpenMetrics(text);
  return {
    series: new Map(
      families.flatMap(({ samples }) =>
        samples.map(([name, { le, ...labels }, value]) => [
          named(name, le === undefined ? labels : { ...labels, le: le === '+Inf' ? le : String(Number(le)) }),
          Number(value),
        ]),
      ),
    ),
    families: Object.fromEntries(
      families.map(({ name, type, help, unit }) => [
        type === 'counter' ? `${name}_total` : name,
        { type, help, unit },
      ]),
    ),
  };
}
