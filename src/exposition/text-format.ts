// The Prometheus text format 0.0.4: families and values as lines of text.
// https://prometheus.io/docs/instrumenting/exposition_formats/
import type { Histogram } from '../core/histogram.ts';
import type { ProjectView, RoomFamily, RoomStateFamily, projectFamilies } from '../core/families.ts';
import type { RoomSnapshot } from '../core/snapshot.ts';
import type { SampleBuffer } from './sample-buffer.ts';

/** The two comment lines that open a family. */
export function familyHeader({ name, help, type }: { name: string; help: string; type: string }): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
}

/** The samples of one project in one of the project families. */
export function projectSamples(family: (typeof projectFamilies)[number], view: ProjectView): string {
  const label = `project="${escapeLabelValue(view.name)}"`;
  if (family.type === 'histogram')
    return histogramSamples(family.name, label, family.histogram(view.snapshot));
  return `${family.name}{${label}} ${String(family.value(view))}\n`;
}

function histogramSamples(name: string, label: string, { bounds, counts, sum }: Histogram): string {
  let cumulative = 0;
  let text = '';
  for (const [bucket, count] of counts.entries()) {
    cumulative += count;
    text += `${name}_bucket{${label},le="${String(bounds[bucket] ?? '+Inf')}"} ${String(cumulative)}\n`;
  }
  return `${text}${name}_sum{${label}} ${String(sum)}\n${name}_count{${label}} ${String(cumulative)}\n`;
}

/** The opening of a room's label set, `{project="…",room="…"`, shared by all its samples. */
export function roomLabelSet(project: string, room: string): string {
  return `{project="${escapeLabelValue(project)}",room="${escapeLabelValue(room)}"`;
}

/**
 * The function that writes the samples of one room in one family to `text`, which learns the family's phrases;
 * `labelSet` is the number of the phrase that is the room's.
 */
export function roomSampleWriter(
  family: RoomFamily | RoomStateFamily,
  text: SampleBuffer,
): (room: RoomSnapshot, labelSet: number) => void {
  const name = text.learn(family.name);
  if ('value' in family) {
    const { value } = family;
    return (room, labelSet) => {
      const sample = value(room);
      if (sample === undefined) return;
      text.write(name);
      text.write(labelSet);
      text.writeValue(sample);
    };
  }
  const labels = family.states.map((state) => `,state="${escapeLabelValue(state)}"} `);
  const off = labels.map((label) => text.learn(`${label}0\n`));
  const on = labels.map((label) => text.learn(`${label}1\n`));
  return (room, labelSet) => {
    const current = family.state(room);
    for (let state = 0; state < off.length; state++) {
      text.write(name);
      text.write(labelSet);
      text.write((state === current ? on : off)[state] as number);
    }
  };
}

function escapeLabelValue(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => (character === '\n' ? '\\n' : '\\\\'));
}
