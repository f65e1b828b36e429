// Lines of JSON with the same keys as the logfmt lines.
import type { LoggableFields } from './loggable.ts';
import { unprintable } from './unprintable.ts';

/** Keys come in the order given. */
export function jsonLine(fields: LoggableFields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${pairs.join(',').replaceAll(new RegExp(unprintable, 'gu'), codeUnitEscapes)}}`;
}

/** JSON leaves some characters as they are that a terminal should not get; they stand in strings only. */
function codeUnitEscapes(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
