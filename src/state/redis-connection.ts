// A connection to a Redis or Valkey server, opened on first use and again after a failure. Every failure is a StateError
// that says why in words; none contains the URL's password.
import type { SecureContext } from 'node:tls';
import { createClient, RESP_TYPES, type RedisClientType } from '@redis/client';
import { errorCode, StateError } from './state-store.ts';

export interface RedisOptions {
  /** As it is at the start, and now: a file is read again. Reading is rejected with an Error without the value. */
  readonly url: { readonly text: string; read(): Promise<string> };
  readonly authorities: {
    /** The certificates that TLS trusts; undefined: Node's own. */
    context(): Promise<SecureContext | undefined>;
    /** Called when no connection could be opened: the trusted certificates may have changed. */
    readAgain(): void;
  };
}

/** For connecting, and for each command. */
const patienceMilliseconds = 4000;
/** After a failed connection: commands in this time fail at once instead of waiting for another timeout. */
const restMilliseconds = 1000;

const refusals: readonly (readonly [pattern: RegExp, words: string])[] = [
  [
    /^(?:WRONGPASS|NOAUTH|ERR invalid password|ERR AUTH|ERR Client sent AUTH)/,
    'the server refuses the user or password. Check state.redis_url',
  ],
  [
    /^NOPERM|ACL failure/,
    'the user may not do this. Give it EVAL, TIME, GET, SET, MSET, HGET, HSET, HDEL, HKEYS and HGETALL on keys {livekit-cloud-exporter}:* (and SELECT if the URL names a database)',
  ],
  [/OOM /, 'the server is full. Raise its maxmemory'],
  [/^READONLY|-READONLY/, 'the server is a read-only replica. Name the primary in state.redis_url'],
  [/^MISCONF/, 'the server cannot write to its own disk, and refuses writes. Its log says more'],
  [/^LOADING/, 'the server is still starting'],
  [
    /^(?:MOVED|CROSSSLOT|CLUSTERDOWN)/,
    'the server is part of a cluster. Name a single server in state.redis_url',
  ],
  [
    /^ERR unknown (?:redis )?command/i,
    'the server does not know a command that is needed. Use Redis or Valkey, with the commands in docs/fleet.md',
  ],
  [/^ERR DB index|^ERR invalid DB/, 'the server has no database of this number. Check state.redis_url'],
];

const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Check that the server runs, and state.redis_url',
  ENOTFOUND: 'there is no host of this name. Check state.redis_url',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: 'the connection was broken. If that lasts, check whether the server expects TLS (rediss://)',
  EPROTO: 'the server does not speak TLS there. Check whether state.redis_url is to begin with redis://',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host. Check the host in state.redis_url',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};
const untrusted = /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET)_.*)$/;

export class RedisConnection {
  readonly place: string;
  readonly #options: RedisOptions;
  #client: RedisClientType | undefined;
  #connecting: Promise<RedisClientType> | undefined;
  /** How many were opened so far: behind a new one the server may have lost data. */
  connections = 0;
  /** Clients that were dropped because the server did not answer. */
  readonly #silent = new WeakSet<RedisClientType>();
  #failed: { readonly error: StateError; readonly until: number } | undefined;

  constructor(options: RedisOptions) {
    const { protocol, host, port, pathname } = new URL(options.url.text);
    this.place = `${protocol}//${host}${port ? '' : ':6379'}${pathname === '/' ? '' : pathname}`;
    this.#options = options;
  }

  /** Runs a script as one atomic step. Strings in the answer are Buffers. */
  async run(script: string, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<unknown> {
    if (this.#failed && performance.now() < this.#failed.until) throw this.#failed.error;
    try {
      const client = await (this.#client ?? (this.#connecting ??= this.#connect()));
      const command = ['EVAL', script, String(keys.length), ...keys, ...args];
      const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer };
      return await this.#inTime(client, client.sendCommand(command, { typeMapping }));
    } catch (error) {
      const failure = this.#failure(error);
      if (!this.#client) this.#failed = { error: failure, until: performance.now() + restMilliseconds };
      throw failure;
    }
  }

  close(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }

  async #connect(): Promise<RedisClientType> {
    const { url: source, authorities } = this.#options;
    try {
      const url = await source.read().catch((error: Error) => {
        throw new StateError(error.message);
      });
      const secureContext = url.startsWith('rediss:') ? await authorities.context() : undefined;
      const socket = { connectTimeout: patienceMilliseconds, reconnectStrategy: false as const };
      const client: RedisClientType = createClient({
        url,
        RESP: 2,
        socket: secureContext ? { ...socket, tls: true, secureContext } : socket,
        disableOfflineQueue: true,
        disableClientInfo: true,
        maintNotifications: 'disabled',
      }) as unknown as RedisClientType;
      // Commands are rejected with the same error.
      client.on('error', () => this.#drop(client));
      const hint = url.startsWith('rediss:') ? '. Check whether it speaks TLS there' : '';
      await this.#inTime(client, client.connect(), hint);
      this.#client = client;
      this.connections += 1;
      return client;
    } catch (error) {
      authorities.readAgain();
      throw error;
    } finally {
      this.#connecting = undefined;
    }
  }

  /** A connection on which no answer comes is dropped, for all that wait on it. */
  async #inTime<Result>(client: RedisClientType, work: Promise<Result>, hint = ''): Promise<Result> {
    const timer = setTimeout(() => {
      this.#silent.add(client);
      this.#drop(client);
    }, patienceMilliseconds);
    try {
      return await work;
    } catch (error) {
      if (!this.#silent.has(client)) throw error;
      throw new StateError(`no answer within ${String(patienceMilliseconds / 1000)} s${hint}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #drop(client: RedisClientType): void {
    if (this.#client === client) this.#client = undefined;
    if (client.isOpen) client.destroy();
  }

  #failure(error: unknown): StateError {
    // A server may repeat what it was sent, and the log shows causes: only errors of the system become one.
    const cause = errorCode(error) === undefined ? undefined : error;
    return new StateError(`Cannot use ${this.place}: ${reasonOf(error)}.`, { cause });
  }
}

function reasonOf(error: unknown): string {
  const { message = '' } = Object(error) as Partial<Error>;
  if (error instanceof StateError) return message;
  const refusal = refusals.find(([pattern]) => pattern.test(message));
  if (refusal) return refusal[1];
  const code = String(
    errorCode(error) ?? errorCode((Object(error) as Partial<AggregateError>).errors?.[0]) ?? '',
  );
  if (untrusted.test(code))
    return 'no trusted authority has signed its certificate. Name the file of the authority in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS';
  if (failures[code]) return failures[code];
  if (/^Socket closed|^The client is closed|^Disconnect/.test(message)) return failures['ECONNRESET'] ?? '';
  if (/timeout/i.test(message)) return `no answer within ${String(patienceMilliseconds / 1000)} s`;
  // A server may repeat what it was sent: no more than its first word is shown.
  return code || (/^[A-Z]{2,20}(?= )/.exec(message)?.[0] ?? 'the reason is unknown');
}
