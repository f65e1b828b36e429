// Reads values of fields as the wire writes them: whole numbers as JSON numbers or as decimal strings up to uint64, never
// rounded to whole; states of egress as numbers, such strings, or enum names in any of their spellings.
import type { EgressState } from '../../core/session-row.ts';

const largestNumber = 2 ** 64;
const largestUint64 = '18446744073709551615';
/** No longer than the largest number. */
const decimal = /^-?\d{1,20}$/;

/**
 * The whole number of a JSON value, missing and null being 0. Exact up to 2^53, the nearest double above.
 * NaN for anything that is not a whole number of at most 64 bits; a negative one is returned as it is.
 */
export function decodeWholeNumber(value: unknown): number {
  if (typeof value === 'number') {
    // Adding 0 turns -0 into 0.
    return Number.isInteger(value) && Math.abs(value) <= largestNumber ? value + 0 : NaN;
  }
  if (typeof value === 'string') return decodeDecimal(value);
  return value === undefined || value === null ? 0 : NaN;
}

function decodeDecimal(text: string): number {
  if (!decimal.test(text)) return NaN;
  if (text.length === largestUint64.length && text > largestUint64) return NaN;
  const number = Number(text);
  return Object.is(number, -0) ? NaN : number;
}

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
