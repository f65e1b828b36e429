// Polls and requests: how many fail and why, how long they take, what they use of the budget.
import { badAbove, colours, dataAge } from '../parts/colours.ts';
import { sinceListPoll, sinceLivePoll } from '../parts/freshness.ts';
import { byProject, byReason, graph, linePerProject } from '../parts/graph.ts';
import { ofProjects, rateOf } from '../parts/selectors.ts';
import { budgetUsed } from './budget.ts';
import { unscraped } from '../parts/exporters.ts';

const polls = `sum(${rateOf(ofProjects('livekit_cloud_exporter_polls_total'))})`;
const skipped = `sum(${rateOf(ofProjects('livekit_cloud_exporter_polls_skipped_total'))})`;

function latency(quantile: number): string {
  const buckets = rateOf(ofProjects('livekit_cloud_exporter_api_request_duration_seconds_bucket'));
  return `histogram_quantile(${String(quantile)}, sum by (le) (${buckets}))`;
}

export const polling = [
  graph({
    title: 'Failed polls by reason',
    description:
      'Share of the polls that were not complete, by reason, and share of what was due that was left out because the poll before still ran. auth, plan, not_found: mend the configuration; the others pass or are on the way to LiveKit.',
    at: [0, 4, 8, 9],
    unit: 'percentunit',
    max: 1,
    stacked: true,
    lines: [
      byReason(
        `sum by (reason) (${rateOf(ofProjects('livekit_cloud_exporter_poll_failures_total'))}) / ignoring (reason) group_left () ${polls}`,
      ),
      {
        expression: `${skipped} / (${skipped} + ${polls})`,
        legend: 'left out',
        compared: true,
      },
    ],
    nothing: 'No poll failed',
  }),
  graph({
    title: 'Data age by project',
    description:
      'Time since the last complete poll of the session list, and of the live source, by project; above the red line gauges are withdrawn. Saw teeth as high as poll.interval are as it should be.',
    at: [8, 4, 8, 9],
    unit: 's',
    limits: dataAge,
    lines: [byProject(sinceListPoll), { ...byProject(sinceLivePoll), legend: '{{project}} (live)' }],
    nothing: 'No poll was complete yet',
  }),
  graph({
    title: 'Duration of polls',
    description:
      'How long the last poll took, by project. As long as poll.interval: polls are left out; see Requests against the budget and Latency.',
    at: [16, 4, 8, 9],
    unit: 's',
    lines: [linePerProject(ofProjects('livekit_cloud_exporter_poll_duration_seconds'))],
    nothing: unscraped,
  }),
  graph({
    title: 'Requests against the budget',
    description:
      'Requests to LiveKit in relation to api.requests_per_minute, by project; several exporters of a project have one budget each, here is the fullest. At the red line requests wait.',
    at: [0, 13, 5, 9],
    unit: 'percentunit',
    limits: badAbove(0.7, 0.95),
    lines: [linePerProject(budgetUsed)],
    nothing: unscraped,
  }),
  graph({
    title: 'Latency of requests',
    description:
      'How long LiveKit takes to answer a request. Near api.request_timeout: leave api.page_size at auto.',
    at: [10, 13, 5, 9],
    unit: 's',
    lines: [
      { expression: latency(0.99), legend: '99 of 100 within', colour: colours.participants },
      { expression: latency(0.5), legend: 'half within', colour: colours.bandwidthOut },
    ],
    nothing: 'No request was made',
  }),
  graph({
    title: 'Rows a page',
    description:
      'How many rows of the session list are asked for at once, by project. With api.page_size auto, few for long: LiveKit gives no more, or large pages take it too long.',
    at: [20, 13, 4, 9],
    unit: 'short',
    lines: [linePerProject(ofProjects('livekit_cloud_exporter_api_page_rows'))],
    nothing: unscraped,
  }),
  graph({
    title: 'Waiting for the budget',
    description:
      'How many requests wait for the budget on average, by project. More than none for long: raise poll.interval or api.requests_per_minute.',
    at: [5, 13, 5, 9],
    unit: 'short',
    lines: [linePerProject(rateOf(ofProjects('livekit_cloud_exporter_api_budget_wait_seconds_total')))],
    nothing: unscraped,
  }),
  graph({
    title: 'Failed requests by reason',
    description:
      'Requests a second that failed, by reason; most of them are made again. rate_limited: somebody else uses up the limit of the project too.',
    at: [15, 13, 5, 9],
    unit: 'short',
    stacked: true,
    lines: [
      byReason(
        `sum by (reason) (${rateOf(ofProjects('livekit_cloud_exporter_api_request_failures_total'))})`,
      ),
    ],
    nothing: 'No request failed',
  }),
];
