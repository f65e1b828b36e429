// Reads the API's timestamps, whichever way they are spelled. Written by hand because every row holds three:
// no Date, no regular expression.
import { decodeWholeNumber } from './values.ts';

/** How far after our time a timestamp may lie, in seconds: clocks differ, but not by a day. */
export const furthestFuture = 86_400;
/** 0001-01-01T00:00:00Z, how Go writes "no time". */
const goZeroTime = -62_135_596_800;
/** 9999-12-31T23:59:59Z, the last second of a Protobuf Timestamp. */
const lastSecond = 253_402_300_799;
const shortest = '2006-01-02T15:04:05Z'.length;
const fractionStart = '2006-01-02T15:04:05.'.length;
const mostFractionDigits = 9;
const powersOfTen = Float64Array.from({ length: mostFractionDigits + 1 }, (_, power) => 10 ** power);

/** Characters are compared by their codes: one by one, as strings, they would take twice as long. */
const [dash, colon, point, plus] = [45, 58, 46, 43];
const [upperT, lowerT, upperZ, lowerZ] = [84, 116, 90, 122];
const zero = 48;

/**
 * Unix seconds of a timestamp: RFC 3339 with up to 9 fraction digits, or Protobuf's `{seconds, nanos}`.
 * 0 for every way of saying "no time": absent, null, empty, zero, the epoch, Go's year 1.
 * Undefined for anything else, times before 1970 included.
 */
export function decodeTimestamp(value: unknown): number | undefined {
  if (typeof value === 'string') return value === '' || value === '0' ? 0 : sinceEpoch(decodeRfc3339(value));
  if (value === undefined || value === null || value === 0) return 0;
  if (typeof value === 'object' && !Array.isArray(value)) return sinceEpoch(decodeProtobuf(value));
  return undefined;
}

/** NaN, what the decoders say of an invalid time, fails both comparisons. */
function sinceEpoch(seconds: number): number | undefined {
  if (seconds >= 0 && seconds < lastSecond + 1) return seconds;
  return seconds === goZeroTime ? 0 : undefined;
}

function decodeProtobuf(value: { seconds?: unknown; nanos?: unknown }): number {
  const isTimestamp = value.seconds !== undefined || value.nanos !== undefined;
  if (!isTimestamp && Object.keys(value).length > 0) return NaN;
  const nanos = decodeWholeNumber(value.nanos);
  if (!(nanos >= 0 && nanos <= 999_999_999)) return NaN;
  return decodeWholeNumber(value.seconds) + nanos / 1e9;
}

function decodeRfc3339(text: string): number {
  if (text.length < shortest) return NaN;
  const year = digits(text, 0) * 100 + digits(text, 2);
  const month = digits(text, 5);
  const day = digits(text, 8);
  const hour = digits(text, 11);
  const minute = digits(text, 14);
  const second = digits(text, 17);
  const timeStart = text.charCodeAt(10);
  const separated =
    text.charCodeAt(4) === dash &&
    text.charCodeAt(7) === dash &&
    (timeStart === upperT || timeStart === lowerT) &&
    text.charCodeAt(13) === colon &&
    text.charCodeAt(16) === colon;
  if (!separated || !(year >= 0) || !(month >= 1 && month <= 12)) return NaN;
  if (!(day >= 1 && day <= daysInMonth(year, month))) return NaN;
  // 60 is a leap second: Unix time gives it the number of the second after it.
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return NaN;

  let zone = fractionStart - 1;
  let fraction = 0;
  if (text.charCodeAt(zone) === point) {
    let digit = text.charCodeAt(++zone) - zero;
    for (; digit >= 0 && digit <= 9; digit = text.charCodeAt(++zone) - zero) fraction = fraction * 10 + digit;
    const length = zone - fractionStart;
    if (length === 0 || length > mostFractionDigits) return NaN;
    fraction /= powersOfTen[length] as number;
  }
  const whole = daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  return whole - zoneOffset(text, zone) + fraction;
}

/** Two decimal digits; NaN when there are none. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero;
  const ones = text.charCodeAt(at + 1) - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** Seconds that local time is ahead of UTC: `Z`, `z`, `+hh:mm` or `-hh:mm` up to the end of the text. */
function zoneOffset(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === upperZ || sign === lowerZ) return text.length === at + 1 ? 0 : NaN;
  if ((sign !== plus && sign !== dash) || text.charCodeAt(at + 3) !== colon || text.length !== at + 6)
    return NaN;
  const hours = digits(text, at + 1);
  const minutes = digits(text, at + 4);
  if (!(hours <= 23 && minutes <= 59)) return NaN;
  return (sign === plus ? 1 : -1) * (hours * 3600 + minutes * 60);
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return 30 + ((month + (month >> 3)) & 1);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days since 1970-01-01 of a Gregorian date: https://howardhinnant.github.io/date_algorithms.html#days_from_civil */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
