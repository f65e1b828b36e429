// The program's log, as Prometheus 3 writes it: one line a message, as logfmt or JSON.
import { json, logfmtLine, loggableFields, type LoggableFields } from './log-lines.ts';

const severities = { debug: 0, info: 1, warn: 2, error: 3 } as const;

export type Level = keyof typeof severities;

/** What a message is about. A field that is undefined is left out. Errors belong to `err`. */
export type Fields = Readonly<Record<string, unknown>> & {
  readonly time?: never;
  readonly level?: never;
  readonly msg?: never;
};

export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
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

export function createLogger(options: LoggerOptions): Logger {
  return loggerWith({}, options);
}

function loggerWith(inherited: LoggableFields, options: LoggerOptions): Logger {
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
    child: (fields) => loggerWith({ ...inherited, ...loggableFields(fields) }, options),
  };
}
