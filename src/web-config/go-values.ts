// Reads single values as go-yaml reads them into the types of Go, because files that work with other exporters
// have to work here. Never repeats a value: it may be a secret in the wrong place.
import { isList, isSection } from '../config/given.ts';
import type { Given, Report } from '../config/given.ts';

/** Any single value is text as it is written; nothing is the empty text. */
export function readString(given: Given, report: Report): string | undefined {
  const { label, value, bare } = given;
  if (isList(value)) return void report(`${label}: a list is not text`);
  if (isSection(value)) return void report(`${label}: a section is not text`);
  return value === null ? '' : (bare ?? String(value));
}

const yes = ['true', 'yes', 'on', 'y'];
const no = ['false', 'no', 'off', 'n'];

/** `true`, `yes`, `on`, `y` and their opposites in lower case, capitals or capitalized: YAML 1.1 has them all. */
export function readBoolean(given: Given, report: Report): boolean | undefined {
  const { label, bare = '' } = given;
  const word = /^(?:[a-z]+|[A-Z][a-z]*|[A-Z]+)$/.test(bare) ? bare.toLowerCase() : '';
  if (yes.includes(word)) return true;
  if (no.includes(word)) return false;
  return void report(`${label}: the value is not a boolean; allowed: true or false`);
}

/** A whole number from 0. */
export function readCount(given: Given, report: Report): number | undefined {
  const { label, bare = '' } = given;
  if (/^\d{1,15}$/.test(bare)) return Number(bare);
  return void report(`${label}: the value is not a whole number; allowed: 0 or more`);
}

const secondsOf: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/**
 * Seconds, from a duration as Go's time.ParseDuration takes it. A number without a unit would be nanoseconds to
 * Go, which nobody means: only 0 needs none.
 */
export function readGoDuration(given: Given, report: Report): number | undefined {
  const text = readString(given, report);
  if (text === undefined) return undefined;
  if (/^[-+]?0$/.test(text)) return 0;
  if (/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) {
    let seconds = 0;
    for (const [, amount, unit = ''] of text.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
      seconds += Number(amount) * (secondsOf[unit] ?? NaN);
    }
    return seconds;
  }
  return void report(
    `${given.label}: the value is not a duration; allowed: 0 or a duration of Go, for example 1s, 100ms or 1m30s`,
  );
}

/** Text that must be one of these names; an unknown one is repeated only when it is short words and digits. */
export function readName<Value>(
  given: Given,
  names: Readonly<Record<string, Value>>,
  unknown: string,
  report: Report,
): Value | undefined {
  const text = readString(given, report);
  if (text === undefined) return undefined;
  const value = Object.hasOwn(names, text) ? names[text] : undefined;
  if (value === undefined) {
    report(`${given.label}: ${unknown}${shown(text)}; allowed: ${Object.keys(names).join(', ')}`);
  }
  return value;
}

/** Names of Go and HTTP have no longer words; LiveKit's keys and secrets are longer in one. */
function shown(text: string): string {
  return /^(?!.*[A-Za-z0-9]{12})[\w-]{1,48}$/.test(text) ? `: ${text}` : '';
}
