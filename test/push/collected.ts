// What a strict receiver makes of requests: the points, and everything in them that OTLP's rules do not allow.
// https://opentelemetry.io/docs/specs/otel/metrics/data-model/
import type { WireAttribute, WireMetric, WirePoint, WireRequest } from './wire.ts';

export interface CollectedPoint {
  readonly name: string;
  readonly type: 'gauge' | 'sum' | 'histogram';
  readonly unit: string;
  readonly description: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Unix milliseconds; undefined: not known. */
  readonly start: number | undefined;
  readonly time: number;
  readonly value:
    number | { readonly counts: readonly number[]; readonly bounds: readonly number[]; readonly sum: number };
}

export interface Collected {
  readonly resource: Readonly<Record<string, string>>;
  readonly scope: { readonly name: string; readonly version: string };
  readonly points: readonly CollectedPoint[];
}

const cumulative = 2;
const units: readonly (readonly [name: RegExp, unit: string])[] = [
  [/_bytes(_total)?$/, 'By'],
  [/_seconds(_total)?$/, 's'],
];

/** Keeps what it has taken, so that it notices when a series does what it must not. */
export class Ledger {
  /** What was wrong, in words. */
  readonly violations: string[] = [];
  readonly #last = new Map<string, CollectedPoint>();
  readonly #metrics = new Map<string, string>();

  /** Reads a request. */
  collect(request: WireRequest): Collected {
    const [first, ...more] = request.resourceMetrics;
    if (!first || more.length > 0) this.#complain('not one resource');
    const [scopeMetrics, ...others] = first?.scopeMetrics ?? [];
    if (!scopeMetrics || others.length > 0) this.#complain('not one scope');
    const resource = this.#attributes('the resource', first?.resource?.attributes ?? []);
    for (const name of ['service.name', 'service.version', 'service.instance.id']) {
      if (!resource[name]) this.#complain(`the resource has no ${name}`);
    }
    const { name, version } = scopeMetrics?.scope ?? { name: '', version: '' };
    if (!name || !version) this.#complain('the scope has no name or version');
    const metrics = scopeMetrics?.metrics ?? [];
    if (metrics.length === 0) this.#complain('no metrics');
    if (new Set(metrics.map((metric) => metric.name)).size < metrics.length) {
      this.#complain('a metric comes twice in a request');
    }
    return { resource, scope: { name, version }, points: metrics.flatMap((metric) => this.#points(metric)) };
  }

  /** Takes points for good. */
  take(points: readonly CollectedPoint[]): void {
    for (const point of points) {
      const series = `${point.name}${JSON.stringify(Object.entries(point.attributes).sort())}`;
      const before = this.#last.get(series);
      if (before && before.time >= point.time)
        this.#complain(`${series} comes twice at a time, or goes back in time`);
      if (before && point.type !== 'gauge' && before.start === point.start && total(point) < total(before)) {
        this.#complain(`${series} falls without another start time`);
      }
      this.#last.set(series, point);
    }
  }

  #points(metric: WireMetric): CollectedPoint[] {
    const { name, description, unit, gauge, sum, histogram } = metric;
    const kind = `${unit} ${gauge ? 'gauge' : sum ? 'sum' : 'histogram'} ${description}`;
    if ((this.#metrics.get(name) ?? kind) !== kind)
      this.#complain(`${name} has changed its unit, type or description`);
    this.#metrics.set(name, kind);
    const wanted = units.find(([pattern]) => pattern.test(name))?.[1] ?? '';
    if (unit !== wanted) this.#complain(`${name} has the unit ${unit}`);
    if (description === '') this.#complain(`${name} has no description`);
    if (sum && !sum.isMonotonic) this.#complain(`${name} is not monotonic`);
    if (sum && !name.endsWith('_total')) this.#complain(`${name} is a counter by another name`);
    for (const data of [sum, histogram]) {
      if (data && data.aggregationTemporality !== cumulative) this.#complain(`${name} is not cumulative`);
    }
    const data = gauge ?? sum ?? histogram;
    if (!data || data.dataPoints.length === 0) this.#complain(`${name} has no points`);
    const type = gauge ? 'gauge' : sum ? 'sum' : 'histogram';
    return (data?.dataPoints ?? []).map((point) => ({
      name,
      type,
      unit,
      description,
      attributes: this.#attributes(name, point.attributes),
      ...this.#times(name, type, point),
      value: type === 'histogram' ? this.#buckets(name, point) : this.#number(name, point),
    }));
  }

  #times(
    name: string,
    type: CollectedPoint['type'],
    point: WirePoint,
  ): Pick<CollectedPoint, 'start' | 'time'> {
    const start = BigInt(point.startTimeUnixNano ?? 0);
    const time = BigInt(point.timeUnixNano ?? 0);
    if (time === 0n) this.#complain(`${name} has no time`);
    if (start > time) this.#complain(`${name} starts after its time`);
    if (type === 'gauge' && start !== 0n) this.#complain(`${name} is a gauge with a start`);
    if (type !== 'gauge' && start === 0n) this.#complain(`${name} has no start`);
    if (point.flags) this.#complain(`${name} has flags`);
    return { start: start === 0n ? undefined : milliseconds(start), time: milliseconds(time) };
  }

  #number(name: string, { asDouble, asInt }: WirePoint): number {
    if (asDouble === undefined || asInt !== undefined) this.#complain(`${name} is not a double`);
    return asDouble ?? NaN;
  }

  #buckets(name: string, point: WirePoint): Exclude<CollectedPoint['value'], number> {
    const counts = (point.bucketCounts ?? []).map(Number);
    const bounds = point.explicitBounds ?? [];
    if (counts.length !== bounds.length + 1) this.#complain(`${name} has not a count more than bounds`);
    if (bounds.some((bound, index) => bound <= (bounds[index - 1] ?? -Infinity)))
      this.#complain(`${name}: bounds do not rise`);
    if (counts.reduce((sum, count) => sum + count, 0) !== Number(point.count)) {
      this.#complain(`${name}: the count is not that of the buckets`);
    }
    if (point.sum === undefined) this.#complain(`${name} has no sum`);
    return { counts, bounds, sum: point.sum ?? NaN };
  }

  #attributes(of: string, attributes: readonly WireAttribute[]): Record<string, string> {
    const pairs = attributes.map(({ key, value }) => [key, value.stringValue] as const);
    if (new Set(pairs.map(([key]) => key)).size < pairs.length)
      this.#complain(`${of} has an attribute twice`);
    for (const [key, value] of pairs) {
      if (key === '' || value === undefined) this.#complain(`${of} has an attribute that is no text`);
    }
    return Object.fromEntries(pairs.map(([key, value]) => [key, value ?? '']));
  }

  #complain(problem: string): void {
    this.violations.push(problem);
  }
}

function total({ value }: CollectedPoint): number {
  return typeof value === 'number' ? value : value.counts.reduce((sum, count) => sum + count, 0);
}

/** In two parts: a double holds nanoseconds since 1970 only roughly. */
function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
}
