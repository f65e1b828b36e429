// The Prometheus text format 0.0.4: families and values as lines of text.
// https://prometheus.io/docs/instrumenting/exposition_formats/
import type { Histogram } from '../core/histogram.ts';
import type { ProjectView, projectFamilies } from '../core/families.ts';

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

/** A label value as it stands between quotes. */
export function escapeLabelValue(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => (character === '\n' ? '\\n' : '\\\\'));
}
