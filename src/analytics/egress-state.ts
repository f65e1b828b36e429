// Reads the field `egress`: a number, the number as a string, or an enum name in any of its spellings.
import type { EgressState } from '../core/session-row.ts';

/** The longest text that is looked at as an enum name. */
const longestName = 64;

/** Names without prefix and separators. LiveKit's own EgressStatus has the finer ones: starting, ending, failed, … */
const states = new Map<string, EgressState>([
  ['neverstarted', 0],
  ['notstarted', 0],
  ['unspecified', 0],
  ['none', 0],
  ['starting', 1],
  ['started', 1],
  ['active', 1],
  ['ending', 1],
  ['ended', 2],
  ['complete', 2],
  ['completed', 2],
  ['failed', 2],
  ['aborted', 2],
  ['limitreached', 2],
]);

/** The state a value stands for, missing and null being "never started"; undefined for an unknown one. */
export function decodeEgress(value: unknown): EgressState | undefined {
  switch (value) {
    case undefined:
    case null:
    case 0:
    case '0':
      return 0;
    case 1:
    case '1':
      return 1;
    case 2:
    case '2':
      return 2;
    default:
      return typeof value === 'string' && value.length <= longestName ? decodeName(value) : undefined;
  }
}

function decodeName(name: string): EgressState | undefined {
  const letters = name.replace(/[_\s-]/g, '').toLowerCase();
  return states.get(letters.replace(/^(session)?(egress)?(status|state)?/, ''));
}
