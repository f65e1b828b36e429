// The result of a trial for a terminal: a table, what the remaining errors are made of, and whether the goals hold.
import type { Conditions } from './conditions.ts';
import type { Figure } from './figures.ts';
import { isExact, isNear, rounding, shareOf, tolerance } from './verdict.ts';

const headings = [
  'Project',
  'Counter',
  'Series',
  'Truth',
  'Exporter',
  'Error',
  'increase()',
  'Error',
  'Unseen',
  'Extrapolated',
  'Goals',
];

/** Columns of words; all others are numbers. */
const wordColumns = 2;

export function report(conditions: Conditions, figures: readonly Figure[]): string {
  return [circumstances(conditions), table(figures), explanation(figures), goals(figures), ''].join('\n\n');
}

function circumstances({ sessions, rooms, brief, overMidnight, failures, ...pages }: Conditions): string {
  const failed = Object.entries(failures).filter(([, requests]) => requests > 0);
  return [
    `${amount(sessions)} sessions in ${amount(rooms)} rooms: ${amount(brief)} of them shorter than a poll interval,`,
    `${amount(overMidnight)} over midnight. Requests that failed:`,
    `${failed.map(([reason, requests]) => `${reason} ${amount(requests)}`).join(', ') || 'none'}.`,
    `Pages of ${pages.pageRows.join(', ')} rows, which changed ${amount(pages.pageRowsChanges)} times.`,
  ].join(' ');
}

function table(figures: readonly Figure[]): string {
  const rows = figures
    .toSorted((a, b) => a.project.localeCompare(b.project))
    .map((figure) => [
      figure.project,
      figure.counter,
      String(figure.series),
      amount(figure.truth),
      amount(figure.exporter),
      percent(shareOf(figure.exporter - figure.truth, figure.truth)),
      amount(figure.increase),
      percent(shareOf(figure.increase - figure.truth, figure.truth)),
      percent(shareOf(-figure.unseen, figure.truth)),
      percent(shareOf(figure.extrapolated, figure.truth)),
      isExact(figure) && isNear(figure) ? 'ok' : 'MISSED',
    ]);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return [headings, ...rows]
    .map((cells) =>
      cells
        .map((cell, column) =>
          column < wordColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function explanation(figures: readonly Figure[]): string {
  const falls = figures.reduce((sum, figure) => sum + figure.falls, 0);
  return [
    'Truth: what the simulated API reports at the end, when all sessions have ended and settled, less what it',
    "reported at the exporter's first complete poll. Exporter: the last value of a counter of the project; of rooms,",
    'what all their series have shown, also those that went. increase() is asked for at the time of the last scrape,',
    'over a range that begins before the first, and summed over rooms. It differs from the exporter by two things:',
    '',
    '- Unseen: what a series had in its first sample already. Prometheus counts from sample to sample. A room that was',
    '  new when the exporter was killed can begin so; one that came back, and begins so with what it once ended with,',
    '  looks as if it had never grown, and the exporter as if it had not counted it.',
    '- Extrapolated: Prometheus takes a series that ended before the end of the range to have gone on for half a',
    '  scrape interval. A room adds that, divided by the time it was there, which is rooms.linger at least.',
    '',
    'In the project limited, which has more rooms than rooms.limit, an idle room goes at once when another needs its',
    'place: it was there for a shorter time, and what it had that was not scraped yet nobody sees.',
    '',
    'livekit_cloud_month_downstream_bytes is compared over both months of the trial (the first as it was logged), with what was there at its start;',
    'livekit_cloud_month_connection_seconds in the second: the minutes that began in it.',
    '',
    'How long participants were there, and billable bandwidth, are compared last: the exporter has them when details have',
    'settled by its clock, which is moved on for that.',
    '',
    `Samples lower than the one before, which Prometheus takes for a counter that began again at 0: ${String(falls)}.`,
  ].join('\n');
}

function goals(figures: readonly Figure[]): string {
  const near = `within ${String(tolerance * 100)} % of the truth`;
  return [
    goal(
      `the exporter is exact (sums of parts of seconds: to ${String(rounding)} of them; rooms beyond rooms.limit: ${near})`,
      figures.filter(isExact).length,
      figures.length,
    ),
    goal(
      `increase() is ${near} (rooms beyond rooms.limit: without what is extrapolated)`,
      figures.filter(isNear).length,
      figures.length,
    ),
  ].join('\n');
}

function goal(what: string, reached: number, figures: number): string {
  return `${reached === figures ? 'ok    ' : 'MISSED'}  ${what}: ${String(reached)} of ${String(figures)}`;
}

function amount(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** Exactly 0 looks like nothing else. */
function percent(share: number): string {
  if (share === 0) return '0';
  if (Math.abs(share) < 1e-6) return '< 0.0001 %';
  const shown = (share * 100).toPrecision(2);
  return `${share > 0 ? '+' : ''}${String(Number(shown))} %`;
}
