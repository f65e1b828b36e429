// The exporter's own metrics as values and as sections. The text formats of prom-client are not used: rendering
// OpenMetrics takes `_total` from its counters' names for good, so that one registry cannot serve both.
import type { Registry } from 'prom-client';
import type { FamilyValues, SampleValue } from '../core/family.ts';
import type { Format } from '../lib/scrape.ts';
import { createShortSection, type Section } from './section.ts';
import { familyText } from './text-format.ts';

/** When the series of a project began to count, or without one those of the process; Unix seconds. */
export type Beginning = (project: string | undefined) => number;

/** Families that have samples, in the order of their registration. */
export async function registryValues(
  registry: Registry,
  beginning: Beginning,
): Promise<readonly FamilyValues[]> {
  const metrics = (await registry.getMetricsAsJSON()) as unknown as readonly Metric[];
  return metrics.filter(({ values }) => values.length > 0).map((metric) => familyValues(metric, beginning));
}

/** As prom-client gives it, which its types do not say. */
interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly MetricValue[];
}

interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Of a histogram: the name of the series. */
  readonly metricName?: string;
}

function familyValues({ name, help, type, values }: Metric, beginning: Beginning): FamilyValues {
  const since = (labels: SampleValue['labels']) => beginning(labels['project']);
  switch (type) {
    case 'gauge':
    case 'counter':
      return {
        name,
        help,
        type,
        samples: values.map(({ value, labels: given }) => {
          const labels = texts(given);
          return { labels, value, since: type === 'counter' ? since(labels) : undefined };
        }),
      };
    case 'histogram':
      return {
        name,
        help,
        type,
        samples: histograms(name, values).map(({ labels, ...value }) => ({
          labels,
          value,
          since: since(labels),
        })),
      };
    default:
      throw new Error(`The metric ${name} is of the type ${type}, which is not published.`);
  }
}

interface LabelledHistogram {
  readonly labels: SampleValue['labels'];
  readonly bounds: number[];
  readonly counts: number[];
  sum: number;
}

/** Of each label set prom-client gives the cumulative buckets, rising, then the sum and the count. */
function histograms(name: string, values: readonly MetricValue[]): LabelledHistogram[] {
  const found = new Map<string, LabelledHistogram & { cumulative: number }>();
  for (const { value, labels: given, metricName } of values) {
    const { le, ...others } = given;
    const labels = texts(others);
    const key = JSON.stringify(labels);
    let histogram = found.get(key);
    if (!histogram) {
      histogram = { labels, bounds: [], counts: [], sum: 0, cumulative: 0 };
      found.set(key, histogram);
    }
    if (le !== undefined) {
      if (le !== '+Inf') histogram.bounds.push(Number(le));
      histogram.counts.push(value - histogram.cumulative);
      histogram.cumulative = value;
    } else if (metricName === `${name}_sum`) histogram.sum = value;
  }
  return [...found.values()].map(({ labels, bounds, counts, sum }) => ({ labels, bounds, counts, sum }));
}

function texts(labels: MetricValue['labels']): SampleValue['labels'] {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, String(value)]));
}

/** Where the exporter's own metrics come from. */
export interface SelfValues {
  /** Groups of families; a group is the same object again as long as nothing in it has changed. */
  values(): Promise<readonly (readonly FamilyValues[])[]>;
}

/** They change between polls, so they are rendered when they are asked for, and again only when they have changed. */
export class SelfSections {
  /** Forgotten together with the group. */
  readonly #rendered = new WeakMap<readonly FamilyValues[], Map<string, Section>>();

  /** The families of a group; of one project, with those that are about no project, or of all when it is undefined. */
  of(families: readonly FamilyValues[], format: Format, project: string | undefined): Section {
    let sections = this.#rendered.get(families);
    if (!sections) this.#rendered.set(families, (sections = new Map<string, Section>()));
    const key = JSON.stringify([format, project]);
    let section = sections.get(key);
    if (!section) {
      const text = families.map((family) => familyText(filtered(family, project), format)).join('');
      sections.set(key, (section = createShortSection(text)));
    }
    return section;
  }
}

function filtered(family: FamilyValues, project: string | undefined): FamilyValues {
  if (project === undefined) return family;
  const isWanted = ({ labels }: SampleValue) => (labels['project'] ?? project) === project;
  return { ...family, samples: [...family.samples].filter(isWanted) };
}
