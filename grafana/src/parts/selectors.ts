// How queries pick series and put several exporters together. Every series of a board is picked by the variables
// `job` and `instance`, so that a board can be narrowed to one exporter.

const exporters = 'job=~"$job", instance=~"$instance"';

/** Of the exporters chosen on the board: metrics that know no project. */
export function ofExporters(metric: string, ...matchers: string[]): string {
  return `${metric}{${[exporters, ...matchers].join(', ')}}`;
}

/** Of the exporters and projects chosen on the board. */
export function ofProjects(metric: string, ...matchers: string[]): string {
  return ofExporters(metric, 'project=~"$project"', ...matchers);
}

/**
 * Of the one room chosen on the board. Raw in backticks: customers name rooms as they like, and only there quotes
 * and backslashes need no escape.
 */
export function ofRoom(metric: string, ...matchers: string[]): string {
  return ofExporters(metric, 'project=`${project:raw}`', 'room=`${room:raw}`', ...matchers);
}

/**
 * Exporters that poll the same project all say the same of it: adding them up would count it twice. The largest
 * is taken, because an exporter that has just started knows less, never more.
 */
export function perProject(expression: string): string {
  return `max by (project) (${expression})`;
}

/** See {@link perProject}. */
export function perRoom(expression: string): string {
  return `max by (project, room) (${expression})`;
}

/** Added up over projects, each project once. */
export function overProjects(expression: string): string {
  return `sum(${perProject(expression)})`;
}

/** Over as much time as a point of the graph stands for. */
export function rateOf(series: string): string {
  return `rate(${series}[$__rate_interval])`;
}

/**
 * A rate where it is known. While polls fail a counter stands still, and the first complete poll adds all that was
 * missed at once: a graph shows a gap instead of nothing and a spike.
 */
export function knownRateOf(series: string): string {
  const up = `avg_over_time(${ofExporters('livekit_cloud_up')}[$__rate_interval])`;
  return `${rateOf(series)} and on (job, instance, project) ${up} > 0.9`;
}

/** A board must stay readable, and quick, whatever number of series there is. */
export function top(count: number, expression: string): string {
  return `topk(${String(count)}, ${expression})`;
}

/** How many lines a graph by project has at most. */
export const mostProjects = 20;

/** One line a project, of the exporters and projects chosen on the board. */
export function linePerProject(expression: string): string {
  return top(mostProjects, perProject(expression));
}
