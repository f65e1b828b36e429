// The program's log, as Prometheus 3 writes it: one line a message, as logfmt or as JSON with the same keys.
import { unprintable } from './text.ts';

const severities = { debug: 0, info: 1, warn: 2, error: 3 } as const;

export type Level = keyof typeof severities;

/** What a message is about. A field that is undefined is left out. Errors belong to `err`. */
export type Fields = Readonly<Record<string, unknown>> & {
  readonly time?: never;
  readonly level?: never;
  readonly msg?: never;
};

export interface Logger extends Record<Level, (message: string, fields?: Fields) => void> {
  /** A logger that adds these fields to all its messages; a message's own fields win. Their values are taken now. */
  child(fields: Fields): Logger;
}

export interface LoggerOptions {
  /** The least severe messages to write. */
  readonly level: Level;
  readonly format: 'logfmt' | 'json';
  /** Takes one line, without its line break. */
  readonly write: (line: string) => void;
  /** Unix seconds. */
  readonly now: () => number;
}

export function createLogger(options: LoggerOptions, inherited: Fields = {}): Logger {
  const { level: threshold, format, write, now } = options;
  const render = format === 'json' ? json : logfmtLine;
  const log = (level: Level) => (message: string, fields?: Fields) => {
    if (severities[level] < severities[threshold]) return;
    const time = new Date(Math.round(now() * 1000)).toISOString();
    const own = fields && loggableFields(fields);
    write(render({ time, level: level.toUpperCase(), msg: message, ...inherited, ...own }));
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields) => createLogger(options, { ...inherited, ...loggableFields(fields) }),
  };
}

/** How far a chain of causes is followed. */
const deepestCause = 5;

function loggableFields(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, loggable(value)]));
}

function loggable(value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/** The message and its causes: `the proxy failed: connect ECONNREFUSED`; `A sentence. (its cause)`. */
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

/** Keys come in the order given. Keys and values are quoted only where it is needed. */
function logfmtLine(fields: object): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${quotedWhereNeeded(key)}=${quotedWhereNeeded(String(value))}`);
  return pairs.join(' ');
}

function quotedWhereNeeded(text: string): string {
  return text === '' || /[\s"=]/.test(text) || text.search(unprintable) !== -1 ? json(text) : text;
}

/** JSON leaves some characters as they are that a terminal should not get; they stand in strings only. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll(unprintable, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
