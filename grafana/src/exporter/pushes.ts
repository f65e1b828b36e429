// The push by OTLP: does it arrive, how much of it, how long does it take.
import { badAbove, colours } from '../parts/colours.ts';
import { graph } from '../parts/graph.ts';
import { ofExporters, rateOf } from '../parts/selectors.ts';
import { linePerExporter } from './exporters.ts';

const notPushed = 'Nothing is pushed by OTLP';

function aMinute(counter: string, ...by: string[]): string {
  return `60 * sum by (${by.join(', ')}) (${rateOf(ofExporters(counter))})`;
}

export const pushes = [
  graph({
    title: 'Pushes by OTLP',
    description:
      'Pushes a minute, by exporter. Less than one in each otlp.interval: the one before still runs, or the receiver has asked for a pause.',
    at: [0, 30, 6, 8],
    unit: 'short',
    lines: [
      {
        expression: linePerExporter(
          `60 * ${rateOf(ofExporters('livekit_cloud_exporter_otlp_pushes_total'))}`,
        ),
        legend: '{{instance}}',
      },
      {
        expression: `60 * sum(${rateOf(ofExporters('livekit_cloud_exporter_otlp_pushes_skipped_total'))})`,
        legend: 'left out',
        compared: true,
      },
    ],
    nothing: notPushed,
  }),
  graph({
    title: 'Failed pushes by reason',
    description:
      'Pushes a minute of which not everything arrived, by reason; the landing page and the log say what to do. Counters are whole again with the next push that arrives.',
    at: [6, 30, 6, 8],
    unit: 'short',
    stacked: true,
    lines: [
      {
        expression: `${aMinute('livekit_cloud_exporter_otlp_push_failures_total', 'reason')} > 0`,
        legend: '{{reason}}',
        colour: colours.bad,
        bars: true,
      },
    ],
    nothing: 'No push failed, or nothing is pushed',
  }),
  graph({
    title: 'Points pushed',
    description:
      'Points a minute that the receiver has taken, and those that it has refused. Any refused for long: its log says why.',
    at: [12, 30, 6, 8],
    unit: 'short',
    lines: [
      {
        expression: `60 * sum(${rateOf(ofExporters('livekit_cloud_exporter_otlp_points_total'))})`,
        legend: 'taken',
        colour: colours.exporter,
      },
      {
        expression: `60 * sum(${rateOf(ofExporters('livekit_cloud_exporter_otlp_points_rejected_total'))})`,
        legend: 'refused',
        colour: colours.bad,
      },
    ],
    nothing: notPushed,
  }),
  graph({
    title: 'Since the last push',
    description:
      'Time since the last push of which everything arrived, by exporter. Saw teeth as high as otlp.interval are as it should be.',
    at: [18, 30, 6, 8],
    unit: 's',
    limits: badAbove(300, 900),
    lines: [
      {
        expression: linePerExporter(
          `time() - ${ofExporters('livekit_cloud_exporter_otlp_last_successful_push_timestamp_seconds')}`,
        ),
        legend: '{{instance}}',
      },
    ],
    nothing: 'Nothing is pushed by OTLP, or no push has arrived',
  }),
];
