// How a quantity is shown: of this month as numbers, of each day as a bar.
import type { Place } from '../parts/frame.ts';
import { always } from '../parts/colours.ts';
import { byProject, dayBars } from '../parts/graph.ts';
import { ofProjects, overProjects } from '../parts/selectors.ts';
import { stat } from '../parts/stat.ts';
import { byTheEnd, lastMonth, used, type Meter } from './usage-queries.ts';

export const unmeasured = 'nothing measured';

interface Month {
  readonly at: Place;
  readonly title: string;
  readonly meter: Meter;
  /** How many of the meter's seconds or bytes make one of the unit. */
  readonly scale: number;
  readonly unit: string;
  readonly description: string;
  readonly nothing: string;
}

/** All projects chosen on the board together. */
export function month({ at, title, meter, scale, unit, description, nothing }: Month, colour: string) {
  const scaled = (expression: string) => `sum(${expression}) / ${String(scale)}`;
  return stat({
    title,
    description: `${description} So far in this month (UTC); by its end, if the days left are as the same weekdays of the last week; in the month before, as long as Prometheus keeps it (15 days by default); what the plans include.`,
    at,
    unit,
    queries: [
      { expression: scaled(used(meter)), legend: 'so far' },
      { expression: scaled(byTheEnd(meter)), legend: "by month's end" },
      { expression: scaled(lastMonth(`livekit_cloud_month_${meter}`)), legend: 'last month' },
      {
        expression: `${overProjects(ofProjects(`livekit_cloud_plan_included_${meter}`))} / ${String(scale)}`,
        legend: 'included',
      },
    ],
    colour: always(colour),
    nothing,
  });
}

interface Days {
  readonly at: Place;
  readonly title: string;
  /** By project, in the day that begins at a point of the graph. */
  readonly inTheDay: string;
  readonly unit: string;
  readonly description: string;
  /** Shown when there is none. */
  readonly nothing?: string;
}

export function days({ at, title, inTheDay, unit, description, nothing = unmeasured }: Days) {
  return dayBars({
    title: `${title} by day`,
    description: `${description} A bar is a day (UTC), today's still grows.`,
    at,
    unit,
    lines: [byProject(inTheDay)],
    nothing,
  });
}
