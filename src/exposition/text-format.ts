// The two text formats that Prometheus reads: families and values as lines. Samples read the same in both, but for the
// bounds of histograms; what differs is how a family is introduced and how the whole ends.
// Text 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
// OpenMetrics 1.0.0: https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
import type { Histogram } from '../core/counts.ts';
import type { RoomFamily, FamilyValues, SampleValue } from '../core/family.ts';
import type { SampleBuffer } from './sample-buffer.ts';

export type Format = 'text' | 'openmetrics';

export const openMetricsEnd = '# EOF\n';

export function familyHeader(
  { name, help, type }: Pick<FamilyValues, 'name' | 'help' | 'type'>,
  format: Format,
): string {
  if (format === 'text') return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  // The base unit at the end of a family's name is the only place where Prometheus has units.
  const unit = /_(seconds|bytes)$/.exec(family)?.[1];
  const unitLine = unit === undefined ? '' : `# UNIT ${family} ${unit}\n`;
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${escapeQuoted(help)}\n`;
}

/** The header and all samples of a family; nothing when it has none. */
export function familyText(family: FamilyValues, format: Format): string {
  let lines = '';
  for (const sample of family.samples) lines += sampleLines(family.name, sample, format);
  return lines === '' ? '' : familyHeader(family, format) + lines;
}

export function sampleLines(
  name: string,
  { labels, value }: Pick<SampleValue, 'labels' | 'value'>,
  format: Format,
): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeQuoted(text)}"`);
  if (typeof value !== 'number') return histogramLines(name, pairs, value, format);
  return `${name}${labelSet(pairs)} ${numberText(value)}\n`;
}

function histogramLines(
  name: string,
  pairs: readonly string[],
  { bounds, counts, sum }: Histogram,
  format: Format,
): string {
  let cumulative = 0;
  let lines = '';
  for (const [bucket, count] of counts.entries()) {
    cumulative += count;
    const bound = bounds[bucket];
    const le = bound === undefined ? '+Inf' : format === 'text' ? String(bound) : canonicalNumber(bound);
    lines += `${name}_bucket${labelSet([...pairs, `le="${le}"`])} ${String(cumulative)}\n`;
  }
  const set = labelSet(pairs);
  return `${lines}${name}_sum${set} ${numberText(sum)}\n${name}_count${set} ${String(cumulative)}\n`;
}

function labelSet(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** A bound as OpenMetrics wants it in a label, where 1 and 1.0 would be two series; ours are from 0.0001 to below a million. */
function canonicalNumber(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** The opening of a room's label set, `{project="…",room="…"`, shared by all its samples. */
export function roomLabelSet(project: string, label: string, room: string): string {
  return `{project="${escapeQuoted(project)}",${label}="${escapeQuoted(room)}"`;
}

/** `text` learns the family's phrases, and the result writes a room's samples to it; `labelSet`: the number of its phrase. */
export function roomSampleWriter<Room>(
  family: RoomFamily<Room>,
  text: SampleBuffer,
): (room: Room, labelSet: number) => void {
  const name = text.learn(family.name);
  const { value, states } = family;
  if (!states) {
    return (room, labelSet) => {
      const sample = value(room);
      if (sample === undefined) return;
      text.write(name);
      text.write(labelSet);
      text.writeValue(sample);
    };
  }
  const labels = states.map((state) => `,state="${escapeQuoted(state)}"} `);
  const off = labels.map((label) => text.learn(`${label}0\n`));
  const on = labels.map((label) => text.learn(`${label}1\n`));
  return (room, labelSet) => {
    const current = value(room);
    for (let state = 0; state < off.length; state++) {
      text.write(name);
      text.write(labelSet);
      text.write((state === current ? on : off)[state] as number);
    }
  };
}

/** As label values are written in both formats, and the help of OpenMetrics. */
function escapeQuoted(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => (character === '\n' ? '\\n' : '\\\\'));
}
