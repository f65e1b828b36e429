// How a quantity is shown: of this month as a number, of each day as a bar.
import type { Place } from '../parts/board.ts';
import { always } from '../parts/colours.ts';
import { dayBars } from '../parts/graph.ts';
import { mostProjects, top } from '../parts/selectors.ts';
import { stat } from '../parts/stat.ts';
import { byTheEnd, inTheDay, soFar, type Hourly } from './usage-queries.ts';

export const unmeasured = 'nothing measured';

interface Quantity {
  readonly at: Place;
  readonly title: string;
  readonly hourly: Hourly;
  readonly unit: string;
  readonly decimals?: number;
  readonly description: string;
  /** Shown when there is none. */
  readonly nothing?: string;
}

export function month({ at, title, hourly, unit, decimals, description }: Quantity, colour: string) {
  return stat({
    title,
    description: `${description} Above: this month (UTC) so far, as far as it was measured. Below: by its end, if the hours left are as those of the last 7 days.`,
    at,
    unit,
    ...(decimals === undefined ? {} : { decimals }),
    queries: [
      { expression: `sum(${soFar(hourly)})`, legend: 'so far' },
      { expression: `sum(${byTheEnd(hourly)})`, legend: "by month's end" },
    ],
    colour: always(colour),
    nothing: unmeasured,
  });
}

export function days({ at, title, hourly, unit, description, nothing = unmeasured }: Quantity) {
  return dayBars({
    title: `${title} by day`,
    description: `${description} A bar is a day (UTC), today's still grows.`,
    at,
    unit,
    lines: [{ expression: top(mostProjects, inTheDay(hourly)), legend: '{{project}}' }],
    nothing,
  });
}
