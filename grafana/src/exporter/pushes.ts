// What leaves the exporter: pushes by OTLP and the state that is kept. Does it arrive, and if not, why.
import { badAbove, colours } from '../parts/colours.ts';
import { byReason, graph } from '../parts/graph.ts';
import { ofExporters, rateOf } from '../parts/selectors.ts';
import { linePerExporter } from '../parts/exporters.ts';

export const pushes = [
  graph({
    title: 'Pushes by OTLP',
    description:
      'Pushes a minute, by exporter. Less than one in each OTEL_METRIC_EXPORT_INTERVAL: the receiver is slow.',
    at: [0, 38, 6, 8],
    unit: 'short',
    lines: [linePerExporter(`60 * ${rateOf(ofExporters('livekit_cloud_exporter_otlp_pushes_total'))}`)],
    nothing: 'Nothing is pushed by OTLP',
  }),
  graph({
    title: 'Failed pushes by reason',
    description:
      'Pushes a minute of which not everything arrived, by reason; the landing page and the log say what to do. Counters are whole again with the next push that arrives.',
    at: [6, 38, 6, 8],
    unit: 'short',
    stacked: true,
    lines: [
      byReason(
        `60 * sum by (reason) (${rateOf(ofExporters('livekit_cloud_exporter_otlp_push_failures_total'))})`,
      ),
    ],
    nothing: 'No push failed, or nothing is pushed',
  }),
  graph({
    title: 'Since the last push',
    description:
      'Time since the last push of which everything arrived, by exporter. Saw teeth as high as OTEL_METRIC_EXPORT_INTERVAL are as it should be.',
    at: [12, 38, 6, 8],
    unit: 's',
    limits: badAbove(300, 900),
    lines: [
      linePerExporter(
        `time() - ${ofExporters('livekit_cloud_exporter_otlp_last_successful_push_timestamp_seconds')}`,
      ),
    ],
    nothing: 'Nothing is pushed by OTLP, or no push has arrived',
  }),
  graph({
    title: 'Writes of the state',
    description:
      'Writes of state.dir or state.redis_url a minute, well or not, and those that failed. Any that fail: the counters are ahead of what is kept, and a restart takes them back; the log says why.',
    at: [18, 38, 6, 8],
    unit: 'short',
    lines: [
      {
        expression: `60 * sum(${rateOf(ofExporters('livekit_cloud_exporter_state_writes_total'))})`,
        legend: 'all',
        colour: colours.exporter,
      },
      {
        expression: `60 * sum(${rateOf(ofExporters('livekit_cloud_exporter_state_write_failures_total'))})`,
        legend: 'failed',
        colour: colours.bad,
      },
    ],
    nothing: 'No state is kept: neither state.dir nor state.redis_url is set',
  }),
];
