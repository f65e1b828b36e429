// Each counter three times: what is true, what the exporter counted, and what increase() makes of it in Prometheus.
import type { ProjectTruth } from '../../test/simulator-support/truth.ts';
import { series, type PrometheusServer } from '../../test/end-to-end/prometheus-server.ts';
import type { Counter } from './counters.ts';
import { lifeline } from './lifeline.ts';

/** A project and the truth about it at both ends of the trial. */
export interface Span {
  readonly project: string;
  /** Whether it has more rooms than are published one by one. */
  readonly limited: boolean;
  readonly before: ProjectTruth;
  readonly after: ProjectTruth;
}

export interface Range {
  /** Unix seconds, of the last scrape. */
  readonly at: number;
  /** Back to before the first scrape. */
  readonly seconds: number;
}

export interface Figure {
  readonly project: string;
  readonly counter: string;
  /** Whether it adds up parts of a second. */
  readonly ofSeconds: boolean;
  /** Whether it is of rooms of which some go early, because there are more than are published one by one. */
  readonly limited: boolean;
  readonly truth: number;
  /** Of rooms and groups: what all their series have shown, also those that went. */
  readonly exporter: number;
  readonly increase: number;
  /** Of the increase: what series had in their first sample already, which increase() cannot see. */
  readonly unseen: number;
  /** Of the increase: what Prometheus added because it takes a series to live on between its scrapes. */
  readonly extrapolated: number;
  readonly series: number;
  readonly falls: number;
}

export async function figuresOf(
  prometheus: PrometheusServer,
  counters: readonly Counter[],
  spans: readonly Span[],
  range: Range,
  endedMonths: ReadonlyMap<string, number>,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const counter of counters) {
    const { name, matcher = '' } = counter;
    const increases = await prometheus.query(
      `sum by (project) (increase(${name}{${matcher}}[${String(Math.ceil(range.seconds * 1000))}ms]))`,
      range.at,
    );
    for (const span of spans) {
      const increase = increases[series({ project: span.project })] ?? 0;
      const ended = counter.of === 'months' ? (endedMonths.get(span.project) ?? 0) : 0;
      figures.push(await counted(prometheus, counter, span, range, { increase, ended }));
    }
  }
  return figures;
}

async function counted(
  prometheus: PrometheusServer,
  counter: Counter,
  { project, limited, before, after }: Span,
  { at, seconds }: Range,
  { increase, ended }: { readonly increase: number; readonly ended: number },
): Promise<Figure> {
  const { name, matcher = '', of, ofSeconds } = counter;
  const selector = `${name}{project=${JSON.stringify(project)}, ${matcher}}`;
  const lines = (await prometheus.histories(selector, seconds, at)).map(({ values }) => lifeline(values));
  const unseen = sum(lines.map(({ first }) => first));
  const growth = sum(lines.map((line) => line.growth));
  // A counter of the project is there from start to end, and there is one: its last value says it all.
  const isPart = of === 'rooms' || of === 'groups';
  // What a month came to is in the log: a poll over midnight adds to a month that is not published any more.
  const exporter = isPart ? unseen + growth : ended + sum(lines.map(({ last }) => last));
  const isMonth = of === 'months' || of === 'last month';
  return {
    project,
    counter: counter.matcher === undefined ? name : `${name}{${matcher}}`,
    ofSeconds,
    limited: limited && of === 'rooms',
    truth: counter.truth(after) - (isMonth ? 0 : counter.truth(before)),
    exporter,
    // Of a gauge nobody asks for it.
    increase: isMonth ? exporter : increase,
    unseen: isMonth ? 0 : unseen,
    extrapolated: isMonth ? 0 : increase - growth,
    series: lines.length,
    falls: isMonth ? 0 : sum(lines.map((line) => line.falls)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
