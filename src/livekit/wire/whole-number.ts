// Reads whole numbers as the wire writes them: JSON numbers, or decimal strings up to uint64. Never rounds to whole.

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
