// What was used in a day, in the month so far and by its end, from counters and gauges that are read by the hour.
// Days and months are those of UTC. An hour is the unit because it serves both ends: an exporter that was replaced
// by another within a day (with another `instance`) loses at most a part of one hour, and `increase` is off by
// at most one scrape in an hour.
import { ofProjects, perProject } from '../parts/selectors.ts';

/** What a project used in the hour before, as an expression with the label `project`. */
export type Hourly = string;

/** The growth of a counter. */
export function grown(counter: string): Hourly {
  return perProject(`increase(${ofProjects(counter)}[1h])`);
}

/** The same by one more label. */
export function grownBy(label: string, counter: string): Hourly {
  return `max by (project, ${label}) (increase(${ofProjects(counter)}[1h]))`;
}

/**
 * The seconds that participants were connected, from how many there were at each minute. 59m30s: older versions of
 * Prometheus would count a minute on the edge twice.
 */
const secondsSeen: Hourly = `60 * sum_over_time((${perProject(
  ofProjects('livekit_cloud_active_participants'),
)})[59m30s:1m])`;

/** Exact with `details.enabled`, else what was seen. */
export const connectionMinutes: Hourly = `(${grown('livekit_cloud_connection_seconds_total')} or ${secondsSeen}) / 60`;

/** Each connection rounded up to the minute, as LiveKit bills it; only with `details.enabled`. */
export const billableMinutes: Hourly = `${grown('livekit_cloud_billable_connection_seconds_total')} / 60`;

/** What LiveKit bills of the bandwidth; only with `details.enabled`. */
export const billableBytes: Hourly = grown('livekit_cloud_billable_bandwidth_bytes_total');

/** In the currency of the prices: of what is billed with `details.enabled`, else of what was seen and downloaded. A GB is 1,000 MB. */
export const cost: Hourly = `((${billableMinutes} or ${secondsSeen} / 60) * $price_minute + (${billableBytes} or ${grown('livekit_cloud_bandwidth_out_bytes_total')}) / 1e9 * $price_gb)`;

/**
 * In the UTC day that begins at a point of the graph. 23h30m: older versions of Prometheus would count the hour
 * before midnight twice.
 */
export function inTheDay(hourly: Hourly): string {
  return `sum_over_time((${hourly})[23h30m:1h] offset -1d)`;
}

/** The UTC month at the end of the board's range, wherever inside a subquery it stands. */
const thisMonth = 'month(last_over_time(vector(time())[1h:1h] @ end()))';

/** Only the hours of this month; the hour that ends at midnight belongs to the day before. */
function hoursOfThisMonth(hourly: Hourly): string {
  return `((${hourly}) and on () (month(vector(time() - 1)) == ${thisMonth}))[31d:1h] offset -1h`;
}

/** In this month so far, the hour that has begun included. */
export function soFar(hourly: Hourly): string {
  return `sum_over_time(${hoursOfThisMonth(hourly)})`;
}

const hoursLeft = '(scalar(days_in_month() - day_of_month() + 1) * 24 - time() % 86400 / 3600)';

/** In all of this month, if the hours left are as the hours of the last week were on average. */
export function byTheEnd(hourly: Hourly): string {
  return `(${soFar(hourly)} + avg_over_time((${hourly})[7d:1h] offset -1h) * ${hoursLeft})`;
}

const measuredHours = `count_over_time(${hoursOfThisMonth(grown('livekit_cloud_bandwidth_out_bytes_total'))})`;

/** How much of this month so far was measured at all, 0 to 1. */
export const measured = `clamp_max(${measuredHours} / scalar(ceil((day_of_month() - 1) * 24 + time() % 86400 / 3600)), 1)`;

/** For how much of what was measured connection time comes of session details, 0 to 1; else it is estimated. */
export const exactConnections = `clamp_max(count_over_time(${hoursOfThisMonth(
  grown('livekit_cloud_connection_seconds_total'),
)}) / ${measuredHours}, 1) or ${measuredHours} * 0`;
