// The reading of session details: what waits for it, how old it is, what is given up, what it asks of LiveKit.
import { badAbove } from '../parts/colours.ts';
import { byProject, byReason, graph, linePerProject } from '../parts/graph.ts';
import { ofProjects, perProject, rateOf } from '../parts/selectors.ts';
import { unscraped } from '../parts/exporters.ts';

const switchedOff = 'details.enabled is off: no session details are read';

const sinceReading = `time() - ${perProject(
  ofProjects('livekit_cloud_exporter_oldest_session_details_reading_timestamp_seconds'),
)}`;

export const details = [
  graph({
    title: 'Session details that wait',
    description:
      'Sessions whose details are still to be read, by project. Rising for long: they need more requests than the session list leaves of api.requests_per_minute.',
    at: [0, 30, 6, 8],
    unit: 'short',
    decimals: 0,
    lines: [linePerProject(ofProjects('livekit_cloud_exporter_session_details_waiting'))],
    nothing: switchedOff,
  }),
  graph({
    title: 'Age of session details',
    description:
      'Time since the details of the active session were read that waits longest, by project: connection time is behind by as much. Above the red line an alert comes.',
    at: [6, 30, 6, 8],
    unit: 's',
    limits: badAbove(600, 1800),
    lines: [byProject(sinceReading)],
    nothing: 'details.enabled is off, or no session is active',
  }),
  graph({
    title: 'Session details given up',
    description:
      'Sessions whose details are not counted, or not all of them, by reason. budget: more sessions end than the budget can read; the others: what LiveKit answered.',
    at: [12, 30, 6, 8],
    unit: 'short',
    decimals: 0,
    stacked: true,
    lines: [
      byReason(
        `sum by (reason) (increase(${ofProjects('livekit_cloud_exporter_session_details_dropped_total')}[$__rate_interval]))`,
      ),
    ],
    nothing: 'None was given up, or details.enabled is off',
  }),
  graph({
    title: 'Requests by endpoint',
    description:
      'Requests to LiveKit a minute: for the session list and, with details.enabled, for single sessions, which get what the list leaves of the budget.',
    at: [18, 30, 6, 8],
    unit: 'short',
    stacked: true,
    lines: [
      {
        expression: `60 * sum by (endpoint) (${rateOf(ofProjects('livekit_cloud_exporter_api_requests_total'))})`,
        legend: '{{endpoint}}',
      },
    ],
    nothing: unscraped,
  }),
];
