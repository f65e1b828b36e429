// The first line of the exporter's board: is anything wrong with polling?
import { badAbove, badBelow, dataAge } from '../parts/colours.ts';
import { sinceLastPoll } from '../parts/freshness.ts';
import { ofProjects, perProject } from '../parts/selectors.ts';
import { stat } from '../parts/stat.ts';
import { budgetUsed } from './budget.ts';
import { build, unscraped } from '../parts/exporters.ts';

export const now = [
  stat({
    title: 'Exporters',
    description: 'Exporters that Prometheus scrapes. Fewer than you run: look at the targets of Prometheus.',
    at: [0, 0, 4, 4],
    unit: 'short',
    queries: [{ expression: `count(${build})` }],
    colour: badBelow(1, 1),
    nothing: 'none',
  }),
  stat({
    title: 'Projects down',
    description:
      'Projects whose last poll, of the session list or of the live source, no exporter completed. Failed polls says the reason, the log and the exporter’s own page what to do.',
    at: [4, 0, 4, 4],
    unit: 'short',
    queries: [
      {
        expression: `count(${perProject(ofProjects('livekit_cloud_up'))} == 0 or ${perProject(ofProjects('livekit_cloud_live_up'))} == 0) or vector(0)`,
      },
    ],
    colour: badAbove(1, 1),
    nothing: 'none',
  }),
  stat({
    title: 'Data age',
    description:
      'Time since the last complete poll of the project that waits longest. Yellow: polls are missing, red: its gauges are withdrawn.',
    at: [8, 0, 4, 4],
    unit: 's',
    decimals: 0,
    queries: [{ expression: `max(${sinceLastPoll})` }],
    colour: dataAge,
    nothing: 'never polled',
  }),
  stat({
    title: 'Polls that failed',
    description:
      'Share of the polls in the range of the board that were not complete. Nothing is lost by a few: the next poll makes up for it.',
    at: [12, 0, 4, 4],
    unit: 'percentunit',
    decimals: 1,
    queries: [
      {
        expression: `sum(increase(${ofProjects('livekit_cloud_exporter_poll_failures_total')}[$__range])) / sum(increase(${ofProjects('livekit_cloud_exporter_polls_total')}[$__range]))`,
      },
    ],
    colour: badAbove(0.02, 0.1),
    nothing: unscraped,
  }),
  stat({
    title: 'Budget used',
    description:
      'Requests to LiveKit in relation to api.requests_per_minute, of the project closest to it. Near 100 % polls take longer: raise poll.interval or the budget.',
    at: [16, 0, 4, 4],
    unit: 'percentunit',
    decimals: 0,
    queries: [{ expression: `max(${budgetUsed})` }],
    colour: badAbove(0.7, 0.95),
    nothing: unscraped,
  }),
  stat({
    title: 'Rejected rows',
    description:
      'Rows of the session list that could not be used, in the range of the board. Not 0: the format of the API has changed, look for a newer exporter or report it.',
    at: [20, 0, 4, 4],
    unit: 'short',
    decimals: 0,
    queries: [
      {
        expression: `sum(increase(${ofProjects('livekit_cloud_exporter_rows_rejected_total')}[$__range]))`,
      },
    ],
    colour: badAbove(1, 1),
    nothing: unscraped,
  }),
];
