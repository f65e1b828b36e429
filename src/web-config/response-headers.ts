// The headers that a web configuration file may add to answers: those that exporter-toolkit knows, no others.
import { isSection } from '../config/given.ts';
import type { Given, Report } from '../config/given.ts';
import { readString } from './go-values.ts';

/** The values each may have; any where none are listed. */
const known: Readonly<Record<string, readonly string[]>> = {
  'Strict-Transport-Security': [],
  'X-Content-Type-Options': ['nosniff'],
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-XSS-Protection': [],
  'Content-Security-Policy': [],
};

export const headerNames = Object.keys(known);

/** By their names in lower case. One that is empty is left out, one over several lines becomes one line. */
export function readResponseHeaders(given: Given | undefined, report: Report): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!given || given.value === null) return headers;
  if (!isSection(given.value)) {
    report(`${given.label}: not a section; allowed: ${headerNames.join(', ')}`);
    return headers;
  }
  for (const { key, label, value: written } of given.value.entries) {
    if (!Object.hasOwn(known, key)) {
      report(`${label}: HTTP header${quoted(key)} can not be configured; allowed: ${headerNames.join(', ')}`);
      continue;
    }
    const value = readHeaderValue(key, written, report);
    if (value) headers[key.toLowerCase()] = value;
  }
  return headers;
}

function readHeaderValue(name: string, given: Given, report: Report): string | undefined {
  const value = readString(given, report)
    ?.replaceAll(/[\r\n]+/g, ' ')
    .trim();
  const values = known[name] ?? [];
  if (value === undefined || given.value === null) return undefined;
  if (values.length > 0 && !values.includes(value)) {
    return void report(`${given.label}: invalid value for ${name}; allowed: ${values.join(', ')}`);
  }
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    return void report(
      `${given.label}: the value of ${name} holds characters that no header can; allowed: Latin-1`,
    );
  }
  return value;
}

/** A key is repeated only when it looks like the name of a header. */
function quoted(key: string): string {
  return /^[A-Za-z]{1,12}(?:-[A-Za-z]{1,12}){0,5}$/.test(key) ? ` "${key}"` : '';
}
