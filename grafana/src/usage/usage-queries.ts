// What was used in this month, in the one before, and in a day. Days and months are those of UTC. Months are what the exporter
// says, because Prometheus keeps 15 days by default; days and weeks are what its counters have grown by.
import { inTheDay, ofProjects, perProject, recordedOf } from '../parts/selectors.ts';

export type Meter = 'connection_seconds' | 'downstream_bytes' | 'egress_seconds';

/** Used since the month began. */
export function used(meter: Meter): string {
  return perProject(ofProjects(`livekit_cloud_month_${meter}`));
}

export const cost = perProject(ofProjects('livekit_cloud_month_cost_dollars'));

/** The UTC month at the end of the board's range, wherever inside a subquery it stands. */
const thisMonth = 'month(last_over_time(vector(time())[1h:1h] @ end()))';

/**
 * What a quantity of the month stood at when the month before this one ended, by project, for as long as Prometheus keeps it.
 * The hour that ends at midnight belongs to the day before.
 */
export function lastMonth(metric: string): string {
  const hour = perProject(`max_over_time(${ofProjects(metric)}[1h])`);
  return `max_over_time((${hour} and on () (month(vector(time() - 1)) % 12 + 1 == ${thisMonth}))[31d:1h])`;
}

/** By the month's end, if the days left are as those of the last week: as the rules forecast it. */
export function byTheEnd(meter: Meter): string {
  return perProject(recordedOf('livekit_cloud_project:month_used:forecast', `meter="${meter}"`));
}

export const costByTheEnd = perProject(recordedOf('livekit_cloud_project:month_cost:forecast'));

/** Of what the plan includes, 0 to 1 and more. */
export function ofIncluded(meter: Meter): string {
  return perProject(recordedOf('livekit_cloud_project:month_used:ratio', `meter="${meter}"`));
}

/**
 * Connection time in a day: exact with `details.enabled`, else from how many participants there were at each minute, 23h59m30s
 * because older versions of Prometheus would count a minute on the edge twice.
 */
export const connectedInTheDay = `(${inTheDay(ofProjects('livekit_cloud_connection_seconds_total'))} or 60 * sum_over_time((${perProject(
  ofProjects('livekit_cloud_active_participants'),
)})[23h59m30s:1m] offset -1d)) / 60`;
