// The web configuration file in force: read at the start, and again when it or a file that it names changes. A new version
// that cannot be used, or that would admit clients the current one refuses, changes nothing.
import { ConfigurationError } from '../config/mistakes.ts';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { sleep } from '../lib/signals.ts';
import { readWebConfig } from './read-web-config.ts';
import type { WebConfig } from './web-config.ts';

const lookSeconds = 1;

/** Reads a file without blocking; rejected with an error of node:fs. */
type ReadFile = (path: string) => Promise<string>;

export interface WebConfigFileOptions {
  readonly log: Omit<Logger, 'child'>;
  readonly read: ReadFile;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Why the file as it is now is not in force. */
export interface WebConfigFailure {
  readonly what: string;
  /** When it became so, Unix seconds. */
  readonly since: number;
  readonly problems: readonly string[];
}

/** The text of each file, or why it cannot be read. */
type Contents = ReadonlyMap<string, string | Error>;

/** Reports all that is wrong with a file and with those it names. */
export async function checkWebConfig(
  path: string,
  readFile: ReadFile,
  report: (problem: string) => void,
): Promise<void> {
  (await read(path, readFile)).problems.forEach(report);
}

/** Reads a file and those it names: as they are in `contents`, or from the disk where they are not. */
async function read(path: string, readFile: ReadFile, contents: Contents = new Map()) {
  const known = new Map(contents);
  // Which files it names shows once it has been read itself.
  for (;;) {
    const used = new Map<string, string | Error>();
    const problems: string[] = [];
    const config = readWebConfig(
      path,
      (file) => {
        const content = known.get(file) ?? '';
        used.set(file, content);
        if (content instanceof Error) throw content;
        return content;
      },
      (problem) => problems.push(problem),
    );
    const unread = [...used.keys()].filter((file) => !known.has(file));
    if (unread.length === 0) return { config, problems, contents: used };
    for (const file of unread)
      known.set(file, await readFile(file).catch((error: unknown) => error as Error));
  }
}

export class WebConfigFile {
  readonly #path: string;
  readonly #options: WebConfigFileOptions;
  readonly #listeners: ((config: WebConfig) => void)[] = [];
  #inForce: WebConfig;
  /** Those that were judged last: of what is in force, or of what cannot be used. */
  #contents: Contents;
  /** Others, seen once. */
  #seen: Contents | undefined;
  #failure: WebConfigFailure | undefined;
  readonly #failureLog: OngoingFailure;

  private constructor(path: string, options: WebConfigFileOptions, inForce: WebConfig, contents: Contents) {
    this.#path = path;
    this.#options = options;
    this.#inForce = inForce;
    this.#contents = contents;
    // A line at each look would be too much, even at debug level.
    this.#failureLog = new OngoingFailure({ ...options.log, debug: () => undefined }, options.now);
  }

  /** Rejected with a ConfigurationError with all problems. */
  static async open(path: string, options: WebConfigFileOptions): Promise<WebConfigFile> {
    const { config, problems, contents } = await read(path, options.read);
    if (!config) throw new ConfigurationError(problems);
    return new WebConfigFile(path, options, config, contents);
  }

  /** What is in force now: the same object until it changes. */
  get config(): WebConfig {
    return this.#inForce;
  }

  get failure(): WebConfigFailure | undefined {
    return this.#failure;
  }

  /** Calls back with what is in force from then on. */
  onChange(listener: (config: WebConfig) => void): void {
    this.#listeners.push(listener);
  }

  /** Looks at the files every second until the signal aborts; a disk that hangs only makes it wait. Never rejected. */
  async watch(stop: AbortSignal, afterEachLook: () => void): Promise<void> {
    for (;;) {
      await sleep(lookSeconds, stop).catch(() => undefined);
      if (stop.aborted) return;
      await this.look();
      afterEachLook();
    }
  }

  /** A change counts once it has been the same at two looks: by then whoever writes it has finished. */
  async look(): Promise<void> {
    const contents = new Map<string, string | Error>();
    for (const file of this.#contents.keys())
      contents.set(file, await this.#options.read(file).catch((error: unknown) => error as Error));
    const isKnown = isSame(contents, this.#contents);
    const isComplete = this.#seen !== undefined && isSame(contents, this.#seen);
    this.#seen = isKnown || isComplete ? undefined : contents;
    if (!isKnown && isComplete) await this.#use(contents);
    if (this.#failure) this.#logFailure(this.#failure);
  }

  async #use(changed: Contents): Promise<void> {
    const { log, now, read: readFile } = this.#options;
    const { config, problems, contents } = await read(this.#path, readFile, changed);
    this.#contents = contents;
    if (config) problems.push(...this.#restartsNeeded(config));
    if (!config || problems.length > 0) {
      this.#failure = { what: 'The web configuration file', since: this.#failure?.since ?? now(), problems };
      return;
    }
    this.#failure = undefined;
    this.#inForce = config;
    for (const listener of this.#listeners) listener(config);
    log.info('The web configuration file, or a file that it names, has changed and is in force', {
      file: this.#path,
      failed_for: this.#failureLog.end()?.failed_for,
    });
  }

  #logFailure({ problems }: WebConfigFailure): void {
    const err = problems.join('; ');
    this.#failureLog.failed({
      level: 'error',
      message: 'The web configuration file cannot be used: the previous one stays in force',
      reason: err,
      fields: { file: this.#path, reason: undefined, err },
    });
  }

  /** What the servers were made with stays, and no door opens while the program runs: a file may be half written. */
  #restartsNeeded({ users, tls, http2 }: WebConfig): string[] {
    const now = this.#inForce;
    const needed: string[] = [];
    const need = (section: string, change: string) =>
      needed.push(`${this.#path}: ${section}: ${change} needs a restart`);
    if (now.users.size > 0 && users.size === 0)
      need('basic_auth_users', 'letting everybody in without a password');
    if (!now.tls && tls) need('tls_server_config', 'switching TLS on');
    if (now.tls && !tls) need('tls_server_config', 'switching TLS off');
    if (!now.tls || !tls) return needed;
    if (now.http2 !== http2) need('http_server_config.http2', 'switching HTTP/2 on or off');
    if (now.tls.clientAuth !== tls.clientAuth)
      need('tls_server_config.client_auth_type', `a change from ${now.tls.clientAuth} to ${tls.clientAuth}`);
    if (now.tls.context.ca && !tls.context.ca)
      need('tls_server_config.client_ca', 'trusting public authorities for clients');
    if (now.tls.allowedNames && !tls.allowedNames)
      need('tls_server_config.client_allowed_sans', 'letting in clients of any name');
    return needed;
  }
}

function isSame(some: Contents, others: Contents): boolean {
  const isOther = ([file, content]: [string, string | Error]) => String(content) !== String(others.get(file));
  return some.size === others.size && ![...some].some(isOther);
}
