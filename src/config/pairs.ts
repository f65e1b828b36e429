// Lists of names and values as OpenTelemetry writes them in variables: `name=value,name=value`, percent-encoded.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
import type { Report } from './given.ts';

export type Pair = readonly [name: string, value: string];

export const pairsAllowed = 'name=value, separated by commas, with % and a comma in values percent-encoded';

/** The pairs of a text; line breaks separate them too. Reports those that are none without repeating them. */
export function readPairs(text: string, label: string, report: Report): Pair[] {
  const entries = text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.flatMap((entry, index) => {
    const complain = (problem: string) =>
      report(`${label}: entry ${index + 1} ${problem}; allowed: ${pairsAllowed}`);
    const [name = '', ...rest] = entry.split('=');
    if (rest.length === 0) complain('has no =');
    else if (name.trim() === '') complain('has no name before its =');
    else {
      const pair = [decoded(name.trim()), decoded(rest.join('=').trim())] as const;
      if (pair[0] !== undefined && pair[1] !== undefined) return [[pair[0], pair[1]] as const];
      complain('has a % that is not percent-encoding');
    }
    return [];
  });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
