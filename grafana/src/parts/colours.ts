// The colours of the boards, by what is shown: the same thing has the same colour everywhere. Green, yellow and red
// are kept for good, doubtful and bad.
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

export const colours = {
  rooms: 'light-blue',
  sessions: 'semi-dark-blue',
  participants: 'purple',
  egresses: 'orange',
  bandwidthOut: 'dark-blue',
  bandwidthIn: 'light-purple',
  /** Of the exporter itself. */
  exporter: 'semi-dark-blue',
  good: 'green',
  doubtful: 'yellow',
  bad: 'red',
  /** What says nothing by its size. */
  quiet: 'text',
  /** What is only there to compare with. */
  compared: '#808080',
} as const;

export type Thresholds = ThresholdsConfigBuilder;

/** Good below `doubtful`, bad from `bad` on. */
export function badAbove(doubtful: number, bad: number): Thresholds {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: colours.good },
    { value: doubtful, color: colours.doubtful },
    { value: bad, color: colours.bad },
  ]);
}

/** Bad below `doubtful`, good from `good` on. */
export function badBelow(doubtful: number, good: number): Thresholds {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: colours.bad },
    { value: doubtful, color: colours.doubtful },
    { value: good, color: colours.good },
  ]);
}

/** One colour, whatever the value. */
export function always(colour: string): Thresholds {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: colour }]);
}

/** Seconds since the last complete poll. By default polls come every 30 s, and after 5 minutes gauges are withdrawn. */
export const dataAge = badAbove(120, 300);
