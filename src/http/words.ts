// Numbers, times and states in the words of the pages for people. Never used for machines.
import { html, type Html } from './html.ts';
import { isoTime } from '../lib/time.ts';

/** 1234567 -> "1,234,567". */
export function countInWords(count: number): string {
  return count.toLocaleString('en-US');
}

/** 0.123 -> "0.12", 812.4 -> "812.4", 1234.5 -> "1,235". */
export function amountInWords(amount: number): string {
  return amount.toLocaleString('en-US', { maximumFractionDigits: digitsOf(amount) });
}

/** 612.4 -> "$612.40", 4000 -> "$4,000", 1234.5 -> "$1,235". */
export function dollarsInWords(dollars: number): string {
  return dollars.toLocaleString('en-US', {
    ...{ style: 'currency', currency: 'USD', trailingZeroDisplay: 'stripIfInteger' },
    maximumFractionDigits: digitsOf(dollars),
  });
}

/** A large number is read without its fraction. */
function digitsOf(amount: number): number {
  return amount < 1000 ? 2 : 0;
}

/** "1 page", "1,234 pages". */
export function countOf(count: number, thing: string): string {
  return `${countInWords(count)} ${thing}${count === 1 ? '' : 's'}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** 1234567 -> "1.2 MB". Decimal, as LiveKit bills. */
export function bytesInWords(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < byteUnits.length - 1) {
    amount /= 1000;
    unit++;
  }
  const digits = unit > 0 && amount < 9.95 ? 1 : 0;
  return `${amount.toFixed(digits)} ${byteUnits[unit] ?? ''}`;
}

/** 0.42 -> "0.42 s", 192 -> "3 min 12 s", 7500 -> "2 h 5 min", 270000 -> "3 d 3 h". */
export function durationInWords(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return twoUnits(whole, 60, 'min', 1, 's');
  if (whole < 86_400) return twoUnits(whole, 3600, 'h', 60, 'min');
  return twoUnits(whole, 86_400, 'd', 3600, 'h');
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string) {
  const rest = Math.floor((seconds % large) / small);
  const first = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}

/** "3 min", of what lasts since then. Whole seconds; a clock that was set back makes no negative ones. */
export function timeSince(at: number, now: number): string {
  return durationInWords(Math.max(0, Math.round(now - at)));
}

/** "12 s ago", "in 12 s", "now". */
export function distanceInWords(now: number, at: number): string {
  const seconds = Math.round(at - now);
  if (seconds === 0) return 'now';
  return seconds < 0 ? `${durationInWords(-seconds)} ago` : `in ${durationInWords(seconds)}`;
}

/** Unix seconds -> "2025-11-21 21:44:00 UTC". */
export function utc(at: number): Html {
  const iso = `${isoTime(at).slice(0, 19)}Z`;
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** "12 s ago", and exactly when. `at` and `now` in Unix seconds. */
export function moment(at: number | undefined, now: number, never: string): Html {
  return at === undefined ? html`${never}` : html`${distanceInWords(now, at)} <small>${utc(at)}</small>`;
}
