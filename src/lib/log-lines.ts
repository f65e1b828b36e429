// Log lines: any value as text, and fields as logfmt, which Go's slog writes and what parses Prometheus' log reads, or as
// JSON with the same keys.

export type Loggable = string | number | boolean | null | undefined;

/** How far a chain of causes is followed. */
const deepestCause = 5;

export type LoggableFields = Readonly<Record<string, Loggable>>;

/** All fields, whatever their values are and do. */
export function loggableFields(fields: object): LoggableFields {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, loggable(fields, key)]));
}

function loggable(fields: object, key: string): Loggable {
  try {
    return simplified((fields as Record<string, unknown>)[key]);
  } catch {
    return '(a value that cannot be shown)';
  }
}

function simplified(value: unknown): Loggable {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      if (value === null) return null;
      if (value instanceof Error) return errorText(value);
      return JSON.stringify(value, (_key, part: unknown) => {
        if (part instanceof Error) return errorText(part);
        return typeof part === 'bigint' ? String(part) : part;
      });
    default:
      return String(value);
  }
}

/**
 * The message and those of its causes: `the proxy failed: connect ECONNREFUSED 127.0.0.1:3128`. Behind a message that is
 * a sentence its cause stands in brackets.
 */
function errorText(error: Error): string {
  const messages: string[] = [];
  let cause: unknown = error;
  for (let depth = 0; depth < deepestCause && cause !== undefined && cause !== null; depth++) {
    messages.push(cause instanceof Error ? ownMessage(cause) : String(simplified(cause)));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return messages.reduceRight((causes, message) =>
    message.endsWith('.') ? `${message} (${causes})` : `${message}: ${causes}`,
  );
}

function ownMessage(error: Error): string {
  if (error.message !== '') return error.message;
  // Node's connection attempts to several addresses fail with an AggregateError that has a code alone.
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** `840ms`, `75s`. A clock that was set back makes no negative ones. */
export function duration(seconds: number): string {
  const some = Math.max(0, seconds);
  return some < 10 ? `${String(Math.round(some * 1000))}ms` : `${String(Math.round(some))}s`;
}

/**
 * Everything but letters, marks, numbers, punctuation, symbols and the space: control characters, which could
 * forge a line or a terminal command, and bidirectional ones, which make a line read as what it is not.
 */
export const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

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
