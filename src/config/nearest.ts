// Finds the name that somebody may have meant.

/** The candidate that takes the fewest changes to reach; case and punctuation do not count. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  return ranked(name, candidates)[0]?.candidate;
}

/** The nearest candidate when it is near enough to be what was meant. */
export function nearMiss(name: string, candidates: readonly string[]): string | undefined {
  const best = ranked(name, candidates)[0];
  return best && best.changes <= Math.max(1, letters(name).length * 0.4) ? best.candidate : undefined;
}

function ranked(name: string, candidates: readonly string[]): { candidate: string; changes: number }[] {
  const wanted = letters(name);
  return candidates
    .map((candidate) => ({ candidate, changes: editDistance(wanted, letters(candidate)) }))
    .sort((a, b) => a.changes - b.changes);
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Letters to insert, remove or replace, or neighbours to swap. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = cell(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
          ? cell(beforeLast, j - 2) + 1
          : Infinity;
      row.push(Math.min(cell(last, j) + 1, cell(row, j - 1) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return cell(last, to.length);
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
