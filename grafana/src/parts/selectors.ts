// How queries pick series and put several exporters together. Every series of a board is picked by the variables
// `job` and `instance`, so that a board can be narrowed to one exporter.

const exporters = 'job=~"$job", instance=~"$instance"';

/** Rooms that are published one by one. */
export const oneByOne = 'room!="__other__"';

/** Of the exporters chosen on the board: metrics that know no project. */
export function ofExporters(metric: string, ...matchers: string[]): string {
  return `${metric}{${[exporters, ...matchers].join(', ')}}`;
}

/** Of the exporters and projects chosen on the board. */
export function ofProjects(metric: string, ...matchers: string[]): string {
  return ofExporters(metric, 'project=~"$project"', ...matchers);
}

/** What the rules record of the projects chosen on the board; it has no `instance`, because it is the same at each exporter. */
export function recordedOf(metric: string, ...matchers: string[]): string {
  return `${metric}{${['job=~"$job", project=~"$project"', ...matchers].join(', ')}}`;
}

/**
 * Of the one room chosen on the board. Raw in backticks: customers name rooms as they like, and only there quotes
 * and backslashes need no escape.
 */
export function ofRoom(metric: string, ...matchers: string[]): string {
  return ofExporters(metric, 'project=`${project:raw}`', 'room=`${room:raw}`', ...matchers);
}

/** Quantities of now that the rules choose the source of. */
const quantitiesOfNow = {
  participants: 'livekit_cloud_active_participants',
  rooms: 'livekit_cloud_active_rooms',
  egresses: 'livekit_cloud_active_egresses',
} as const;

/**
 * A quantity of now, of the source that the rules have chosen: the live one where a project has it. From before the rules
 * ran, as where the past was imported, of the session list. `modifier`: such as `offset 1w`.
 */
export function ofNow(quantity: keyof typeof quantitiesOfNow, modifier = ''): string {
  const chosen = ofProjects(`livekit_cloud_project:${quantity}:now`);
  return `(${chosen}${modifier} or on (project) ${ofProjects(quantitiesOfNow[quantity])}${modifier})`;
}

/** Participants of rooms now, of the same source. `select` picks the rooms. */
export function participantsOfRooms(select: (metric: string) => string): string {
  const chosen = select('livekit_cloud_room:participants:now');
  const listed = select('livekit_cloud_room_active_participants');
  return `(${chosen} or ${listed} unless on (project) ${ofExporters('livekit_cloud_project:participants:now')})`;
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
 * The rate of what polls count: by how much it has grown between the polls of the range, over the time between them. So it
 * neither dips between rare polls nor jumps when a poll makes up for failed ones; while none is complete there is a gap.
 * Where polls are rare the range is longer: with fewer than ten in 20 minutes it is these, with fewer than two 3 hours.
 */
export function polledRateOf(series: string): string {
  return `${polledRateOfRooms(series)} or ${growthBetweenPolls(series, '3h')} and on (job, instance, project) ${pollsIn20Minutes} < 2`;
}

/**
 * The same for all rooms at once, of which 3 hours would be too much to read. Of an imported past, in which no exporter polled,
 * it is the rate over 10 minutes.
 */
export function polledRateOfRooms(series: string): string {
  const short = `${growthBetweenPolls(series, '$__rate_interval')} unless on (job, instance, project) ${pollsIn20Minutes} < 10`;
  const long = `${growthBetweenPolls(series, '20m')} and on (job, instance, project) ${pollsIn20Minutes} < 10`;
  const imported = `rate(${series}[10m]) unless on (job, instance, project) ${lastPoll}`;
  return `${short} or ${long} or ${imported}`;
}

const lastPoll = ofExporters('livekit_cloud_exporter_last_successful_poll_timestamp_seconds');

const pollsIn20Minutes = perExporter(`increase(${ofExporters('livekit_cloud_exporter_polls_total')}[20m])`);

function growthBetweenPolls(series: string, range: string): string {
  const seconds = perExporter(`delta(${lastPoll}[${range}])`);
  return `increase(${series}[${range}]) / on (job, instance, project) group_left () (${seconds} > 0)`;
}

/** By exporter and project, whatever other labels its target has had in a rollout. */
function perExporter(expression: string): string {
  return `max by (job, instance, project) (${expression})`;
}

/**
 * What a counter has grown by in a range such as `[1h:1m]`, by project and other labels. When a project moves to another
 * exporter its counters go on there: together they grow by all of it, each for itself would lack what happened between its
 * last and the other's first scrape.
 */
export function grown(series: string, range: string, ...labels: string[]): string {
  return `increase((max by (${['project', ...labels].join(', ')}) (${series}))${range})`;
}

/** In the UTC day that begins at a point of the graph. */
export function inTheDay(series: string, ...labels: string[]): string {
  return grown(series, '[1d:5m] offset -1d', ...labels);
}

export function inSevenDays(series: string, ...labels: string[]): string {
  return grown(series, '[7d:10m]', ...labels);
}

/** A board must stay readable, and quick, whatever number of series there is. */
export function top(count: number, expression: string): string {
  return `topk(${String(count)}, ${expression})`;
}
