// The result as a table for a terminal.
import type { Line } from './measurement.ts';

export interface NumberedLine extends Line {
  /** The row of the goals that it belongs to. */
  readonly row: number;
}

const headings = ['', 'Measured', 'Ours', 'Beside it', 'Ratio', 'Goal', ''];

export function table(lines: readonly NumberedLine[]): string {
  const rows = lines.map(({ row, what, ours, beside, comparison, goal }) => [
    goal ? String(row) : '',
    what,
    ours,
    beside,
    comparison,
    goal?.text ?? '',
    goal ? (goal.met ? 'ok' : 'MISSED') : '',
  ]);
  const widths = headings.map((_, column) =>
    Math.max(...[headings, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  return [headings, ...rows]
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
