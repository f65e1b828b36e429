// Reads the field `egress`: a number, the number as a string, or an enum name in any of its spellings.
import type { EgressState } from '../../core/session-row.ts';

/** The longest text that is looked at as an enum name. */
const longestName = 64;

/** The last words of a name, joined. LiveKit's own EgressStatus has finer ones: starting, ending, failed, … */
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
  ['stopped', 2],
  ['complete', 2],
  ['completed', 2],
  ['failed', 2],
  ['aborted', 2],
  ['limitreached', 2],
]);

/** Capitals, a capitalised or lower-case word, or digits: `EGRESS_ACTIVE`, `EgressState.Active`, `egressActive`. */
const word = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\d+/gu;
const negations = new Set(['in', 'never', 'no', 'non', 'not', 'un']);

/** The state a value stands for, missing, null and empty being "never started"; undefined for an unknown one. */
export function decodeEgress(value: unknown): EgressState | undefined {
  switch (value) {
    case undefined:
    case null:
    case '':
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
  const words = name.match(word)?.map((part) => part.toLowerCase()) ?? [];
  const state = states.get(words.slice(-2).join(''));
  // The last word alone says the contrary of a name that negates it: NOT_ACTIVE.
  return state ?? (words.some((part) => negations.has(part)) ? undefined : states.get(words.at(-1) ?? ''));
}
