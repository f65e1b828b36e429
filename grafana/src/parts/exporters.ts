// The processes that are exporters, as their builds say: other jobs have the metrics of a process too.
import type { Line } from './graph.ts';
import { ofExporters, top } from './selectors.ts';

/** Shown where there is nothing to show. */
export const unscraped = 'no exporter is scraped';

export const build = ofExporters('livekit_cloud_exporter_build_info');

/** A metric of their processes or scrapes. */
export function scraped(metric: string): string {
  return `${ofExporters(metric)} and on (job, instance) ${build}`;
}

/** With the labels of the build. */
export function withBuild(metric: string): string {
  return `${ofExporters(metric)} * on (job, instance) group_left (version, revision, nodeversion) ${build}`;
}

/** At most so many exporters are drawn one by one. */
const mostExporters = 20;

export function linePerExporter(expression: string): Line {
  return { expression: top(mostExporters, `sum by (job, instance) (${expression})`), legend: '{{instance}}' };
}
