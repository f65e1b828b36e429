// Reads whole numbers as the wire writes them: JSON numbers, or decimal strings up to uint64. Never rounds to whole.

const largestNumber = 2 ** 64;
const largestUint64 = '18446744073709551615';
const zero = 48;
const minus = 45;

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
  const negative = text.charCodeAt(0) === minus;
  const digits = negative ? text.slice(1) : text;
  const { length } = digits;
  if (length === 0 || length > largestUint64.length) return NaN;
  let sum = 0;
  for (let index = 0; index < length; index += 1) {
    const digit = digits.charCodeAt(index) - zero;
    if (digit < 0 || digit > 9) return NaN;
    sum = sum * 10 + digit;
  }
  if (length === largestUint64.length && digits > largestUint64) return NaN;
  // Beyond 15 digits the sum was rounded on its way; Number() rounds once, to the nearest.
  const magnitude = length <= 15 ? sum : Number(digits);
  if (!negative) return magnitude;
  return magnitude === 0 ? NaN : -magnitude;
}
