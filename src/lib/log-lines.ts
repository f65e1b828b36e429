// Log lines: fields as logfmt, which parses as Prometheus' log does, or as JSON with the same keys.
import { unprintable } from './terminal-text.ts';

export type Loggable = string | number | boolean | null | undefined;

export type LoggableFields = Readonly<Record<string, Loggable>>;

/** How far a chain of causes is followed. */
const deepestCause = 5;

export function loggableFields(fields: Readonly<Record<string, unknown>>): LoggableFields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, loggable(value)]));
}

function loggable(value: unknown): Loggable {
  if (value instanceof Error) return errorText(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Loggable);
}

/**
 * The message and those of its causes: `the proxy failed: connect ECONNREFUSED 127.0.0.1:3128`. Behind a message that is
 * a sentence its cause stands in brackets.
 */
function errorText(error: Error): string {
  const messages: string[] = [];
  let cause: unknown = error;
  for (let depth = 0; depth < deepestCause && cause !== undefined && cause !== null; depth++) {
    messages.push(cause instanceof Error ? ownMessage(cause) : String(loggable(cause)));
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

/** Keys come in the order given. Keys and values are quoted only where it is needed. */
export function logfmtLine(fields: LoggableFields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${quotedWhereNeeded(key)}=${quotedWhereNeeded(String(value))}`);
  return pairs.join(' ');
}

function quotedWhereNeeded(text: string): string {
  return text === '' || /[\s"=]/.test(text) || text.search(unprintable) !== -1 ? json(text) : text;
}

/** JSON leaves some characters as they are that a terminal should not get; they stand in strings only. */
export function json(value: unknown): string {
  return JSON.stringify(value).replaceAll(unprintable, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
