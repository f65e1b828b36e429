// Lines of key=value as Go's slog writes them, so that what parses Prometheus' log parses ours.
import type { LoggableFields } from './loggable.ts';
import { unprintable } from './unprintable.ts';

/** Keys come in the order given. Keys and values are quoted only where it is needed. */
export function logfmtLine(fields: LoggableFields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${quotedWhereNeeded(key)}=${quotedWhereNeeded(String(value))}`);
  return pairs.join(' ');
}

function quotedWhereNeeded(text: string): string {
  return text === '' || /[\s"=]/.test(text) || unprintable.test(text) ? quoted(text) : text;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** As Go's strconv.Quote. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll(
      new RegExp(unprintable, 'gu'),
      (character) => shortEscapes[character] ?? codeEscape(character),
    );
  return `"${escaped}"`;
}

function codeEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
