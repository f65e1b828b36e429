// A web configuration file in force: read at the start, and again when it or a file that it names has changed. A
// file that has become unusable changes nothing: what was in force stays, and the log says why.
import { readFileSync } from 'node:fs';
import { ConfigurationError, type Report } from '../config/mistakes.ts';
import { readWebConfig } from './read-web-config.ts';
import { WatchedFiles } from './watched-files.ts';
import type { WebConfig } from './web-config.ts';

export interface WebConfigLog {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Reports all that is wrong with a file and with those it names. */
export function checkWebConfig(path: string, report: Report): void {
  readWebConfig(path, (name) => readFileSync(name, 'utf8'), report);
}

export class WebConfigFile {
  readonly #path: string;
  readonly #log: WebConfigLog;
  readonly #files = new WatchedFiles();
  #inForce: WebConfig;
  /** What is wrong with the file as it is now. */
  #problems = '';

  /** Throws a ConfigurationError with all problems. */
  constructor(path: string, log: WebConfigLog) {
    this.#path = path;
    this.#log = log;
    const problems: string[] = [];
    const config = readWebConfig(path, this.#files.read, (problem) => problems.push(problem));
    if (!config) throw new ConfigurationError(problems);
    this.#inForce = config;
  }

  /** What is in force now: the same object as before unless something has changed. Cheap. */
  read(): WebConfig {
    if (this.#files.haveChanged()) this.#readAgain();
    return this.#inForce;
  }

  #readAgain(): void {
    const file = this.#path;
    const problems: string[] = [];
    this.#files.forget();
    const config = readWebConfig(file, this.#files.read, (problem) => problems.push(problem));
    if (!config) {
      const all = problems.join('; ');
      // A certificate and its key change one after the other; what is wrong in between is said once, too.
      if (all !== this.#problems) {
        this.#log.error('The web configuration file cannot be used as it is now: what was in force stays', {
          file,
          err: all,
        });
      }
      this.#problems = all;
      return;
    }
    this.#problems = '';
    this.#log.info('The web configuration file, or a file that it names, has changed and is in force', {
      file,
    });
    this.#inForce = this.#withoutRestart(config);
  }

  /** The servers were made with or without TLS and HTTP/2, and stay so. */
  #withoutRestart(config: WebConfig): WebConfig {
    const { tls, http2 } = this.#inForce;
    if (Boolean(tls) !== Boolean(config.tls) || (tls && http2 !== config.http2)) {
      this.#log.warn('TLS and HTTP/2 are switched on and off by a restart only', {
        file: this.#path,
        tls: Boolean(tls),
        http2: Boolean(tls) && http2,
      });
    }
    return { ...config, http2, tls: tls && (config.tls ?? tls) };
  }
}
