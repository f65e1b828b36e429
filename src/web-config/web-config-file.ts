// The web configuration file in force: read at the start, and again when it or a file that it names changes. A new version
// that cannot be used, or that would admit clients the current one refuses, changes nothing.
import { ConfigurationError } from '../config/mistakes.ts';
import type { Logger } from '../lib/logger.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { sleep } from '../lib/signals.ts';
import { readWebConfig, type WebConfig } from './read-web-config.ts';

const lookSeconds = 1;

type ReadFile = (path: string) => Promise<string>;

/** The text of each file, or why it cannot be read. */
type Contents = ReadonlyMap<string, string | Error>;

/** Reads a file and those it names: as they are in `known`, or from the disk where they are not. */
async function read(path: string, readFile: ReadFile, known: Contents = new Map()) {
  const contents = new Map<string, string | Error>();
  const { config, problems } = await readWebConfig(path, async (file) => {
    const content = contents.get(file) ?? known.get(file) ?? (await contentOf(file, readFile));
    contents.set(file, content);
    if (content instanceof Error) throw content;
    return content;
  });
  return { config, problems, contents };
}

function contentOf(file: string, readFile: ReadFile): Promise<string | Error> {
  return readFile(file).catch((error: unknown) => error as Error);
}

/** Rejected with a ConfigurationError with all problems. `now`: Unix seconds. */
export async function openWebConfigFile(
  path: string,
  { log, readFile, now }: { log: Omit<Logger, 'child'>; readFile: ReadFile; now: () => number },
) {
  const first = await read(path, readFile);
  if (!first.config) throw new ConfigurationError(first.problems);
  /** What was judged last: is in force, or cannot be used. */
  let judged: Contents = first.contents;
  /** Something else, seen once. */
  let seen: Contents | undefined;
  const listeners: ((config: WebConfig) => void)[] = [];
  // A line at each look would be too much, even at debug level.
  const failureLog = new OngoingFailure({ ...log, debug: () => undefined }, now);

  /** A change counts once it has been the same at two looks: by then whoever writes it has finished. */
  async function look(): Promise<void> {
    const contents = new Map<string, string | Error>();
    for (const name of judged.keys()) contents.set(name, await contentOf(name, readFile));
    const isKnown = isSame(contents, judged);
    const isComplete = seen !== undefined && isSame(contents, seen);
    seen = isKnown || isComplete ? undefined : contents;
    if (!isKnown && isComplete) await use(contents);
    if (!file.failure) return;
    const err = file.failure.problems.join('; ');
    failureLog.failed({
      level: 'error',
      message: 'The web configuration file cannot be used: the previous one stays in force',
      reason: err,
      fields: { file: path, reason: undefined, err },
    });
  }

  async function use(changed: Contents): Promise<void> {
    const { config, problems, contents } = await read(path, readFile, changed);
    judged = contents;
    const refusals = config ? restartsNeeded(path, file.config, config) : problems;
    if (!config || refusals.length > 0) {
      const since = file.failure?.since ?? now();
      file.failure = { what: 'The web configuration file', since, problems: refusals };
      return;
    }
    file.failure = undefined;
    file.config = config;
    for (const listener of listeners) listener(config);
    log.info('The web configuration file, or a file that it names, has changed and is in force', {
      file: path,
      failed_for: failureLog.end()?.failed_for,
    });
  }

  const file = {
    /** What is in force now: the same object until it changes. */
    config: first.config,
    /** Why the file as it is now is not in force, and since when (Unix seconds). */
    failure: undefined as { what: string; since: number; problems: readonly string[] } | undefined,
    /** Calls back with what is in force from then on. */
    onChange: (listener: (config: WebConfig) => void) => void listeners.push(listener),
    look,
    /** Calls back at once, and at each change, with whether the file is in force, until the signal aborts. Never rejected. */
    async watch(stop: AbortSignal, changed: (isInForce: boolean) => void): Promise<void> {
      let last: boolean | undefined;
      while (!stop.aborted) {
        const isInForce = file.failure === undefined;
        if (isInForce !== last) changed((last = isInForce));
        await sleep(lookSeconds, stop).catch(() => undefined);
        if (!stop.aborted) await look();
      }
    },
  };
  return file;
}

/** What the servers were made with stays, and no door opens while the program runs: a file may be half written. */
function restartsNeeded(path: string, now: WebConfig, { users, tls, http2 }: WebConfig): string[] {
  const needed: string[] = [];
  const need = (section: string, change: string) =>
    needed.push(`${path}: ${section}: ${change} needs a restart`);
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

function isSame(some: Contents, others: Contents): boolean {
  const isOther = ([file, content]: [string, string | Error]) => String(content) !== String(others.get(file));
  return some.size === others.size && ![...some].some(isOther);
}
