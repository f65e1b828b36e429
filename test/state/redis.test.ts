// The store and the replicas in a real Redis: what it keeps, what it refuses, and what is said when it cannot.
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { RedisConnection } from '../../src/state/redis-connection.ts';
import * as scripts from '../../src/state/redis-scripts.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { ProjectOwner } from '../../src/state/replica.ts';
import { inspectRedis, openRedisState, redisStore } from '../../src/state/redis-store.ts';
import { LeaseLost, StateError, type StateStore } from '../../src/state/state-store.ts';
import { Authority } from '../certificates.ts';
import { accessTo, describeWithRedis, RedisServer } from '../redis-programs.ts';
import { now } from './temporary-state.ts';

const { ownersKey, stateKey, take, usedKey } = scripts;
const content = { since: 1, sessions: [{ id: 'a' }, { id: 'Übung' }], rooms: [] };

class World {
  readonly logged: Readonly<Record<string, unknown>>[] = [];
  readonly lost: string[] = [];
  readonly connection: RedisConnection;

  constructor(url: string) {
    this.connection = new RedisConnection(accessTo(url));
    onTestFinished(() => this.connection.close());
  }

  store(replica: string): StateStore {
    const lost = (project: string) => void this.lost.push(project);
    const error = (_message: string, fields?: object) => void this.logged.push({ ...fields });
    const log = { warn: error, error };
    return redisStore(this.connection, { name: replica, lost }, { now: () => now, log });
  }

  async take(replica: string, project: string, from = '?'): Promise<unknown> {
    return this.connection.run(take, [ownersKey, usedKey], [replica, project, from]);
  }
}

describeWithRedis('the store in Redis', () => {
  it('gives back each part as it was saved, in one key a project', async () => {
    const redis = await RedisServer.start();
    const world = new World(redis.url);
    const mine = world.store('a').open('production');
    expect(await mine.list.load()).toBeUndefined();
    await Promise.all([mine.list.save(content), mine.live.save({ since: 2 })]);
    const other = world.store('b').open('production');
    expect(await other.list.load()).toEqual({ content, writtenAt: now });
    expect(await other.live.load()).toEqual({ content: { since: 2 }, writtenAt: now });
    expect(redis.cli('KEYS', '*state*')).toBe(stateKey('production'));
  });

  it('writes nothing of a project that another replica has taken, and says so before the write is rejected', async () => {
    const redis = await RedisServer.start();
    const world = new World(redis.url);
    const mine = world.store('a').open('production').list;
    await mine.save(content);
    await world.take('b', 'production', 'a');
    await mine.save({ ...content, since: 9 }).catch((error: unknown) => {
      expect(world.lost).toEqual(['production']);
      expect(error).toBeInstanceOf(LeaseLost);
    });
    expect(world.lost).toEqual(['production']);
    expect(await world.store('b').open('production').list.load()).toMatchObject({ content });
  });

  it('takes a project from the owner that was seen, and from no other', async () => {
    const redis = await RedisServer.start();
    const world = new World(redis.url);
    expect(await world.take('a', 'production')).toHaveLength(2);
    expect(await world.take('b', 'production')).toEqual([]);
    expect(await world.take('b', 'production', 'c')).toEqual([]);
    expect(await world.take('b', 'production', 'a')).toHaveLength(2);
  });

  it('writes what a thousand projects have to save in a few steps', async () => {
    const redis = await RedisServer.start();
    const store = new World(redis.url).store('a');
    await Promise.all(
      Array.from({ length: 1000 }, (_, index) => store.open(`p_${String(index)}`).list.save(content)),
    );
    expect(redis.cli('KEYS', '*state*').split('\n')).toHaveLength(1000);
    const calls = redis.cli('INFO', 'commandstats');
    const writes = [...calls.matchAll(/cmdstat_(?:hset|mset|set):calls=(\d+)/g)].map(([, count]) =>
      Number(count),
    );
    expect(writes.reduce((sum, count) => sum + count, 0)).toBeLessThan(300);
  });

  it.each([
    ['is no state', 'xyz'],
    ['ends early', '\u0001\u0001\u0001\u0001abcdefgh'],
  ])('sets aside a value that %s, keeps it for a month, and counts from zero', async (_, value) => {
    const redis = await RedisServer.start();
    const world = new World(redis.url);
    redis.cli('SET', stateKey('production'), value);
    const stored = world.store('a').open('production').list;
    expect(await stored.load()).toBeUndefined();
    expect(world.logged).toMatchObject([{ project: 'production', reason: 'it cannot be unpacked' }]);
    expect(Number(redis.cli('TTL', String(world.logged[0]?.['kept_as'])))).toBeGreaterThan(29 * 86_400);
    await stored.save(content);
    expect(await world.store('b').open('production').list.load()).toMatchObject({ content });
  });
});

/** A replica that shares one project, until it is stopped. */
function replicaOf(redis: RedisServer) {
  const log = createLogger({ level: 'error', format: 'logfmt', write: () => undefined, now: () => now });
  const { replica } = openRedisState(redis.access, () => now, log);
  replica.configure(['production']);
  const stop = new AbortController();
  return {
    replica,
    stop,
    run: (owner: Partial<ProjectOwner>): Promise<void> => {
      const nothing = () => undefined;
      const rest = { lose: nothing, keepAgain: nothing, looked: nothing, requestsBefore: nothing };
      const poll = () => Promise.resolve([]);
      const running = replica.run({ ...rest, poll, tellRequests: () => 7, ...owner }, '', stop.signal);
      onTestFinished(async () => {
        stop.abort();
        await running;
        await replica.close();
      });
      return running;
    },
  };
}

describeWithRedis('a replica', () => {
  it('takes again what the server says it has, when an answer was lost', async () => {
    const redis = await RedisServer.start();
    const { replica, run } = replicaOf(redis);
    redis.cli('HSET', ownersKey, 'production', replica.status().name);
    const polled = new Promise<ReadonlySet<string>>((resolve) => {
      const poll: ProjectOwner['poll'] = (projects) => {
        if (projects.size > 0) resolve(projects);
        return Promise.resolve([]);
      };
      void run({ poll });
    });
    expect([...(await polled)]).toEqual(['production']);
    expect(redis.cli('HGET', usedKey, 'production')).toMatch(/^7 \d+$/);
  }, 30_000);

  it('that stops gives back what it was about to take', async () => {
    const redis = await RedisServer.start();
    redis.cli('HSET', ownersKey, 'production', '');
    const { replica, stop, run } = replicaOf(redis);
    // What follows the look waits in the server while the replica stops.
    const looked = () => {
      redis.cli('CLIENT', 'PAUSE', '1000', 'WRITE');
      queueMicrotask(() => stop.abort());
    };
    await run({ looked });
    await replica.close();
    expect(redis.cli('HGET', ownersKey, 'production')).toBe('');
  });
});

const folder = temporaryFolder(afterAll);
const authority = Authority.root(folder, 'root');
const server = authority.server();
const tlsOptions = (port: number) => [
  ...['--port', '0', '--tls-port', String(port), '--tls-cert-file', server.certFile],
  ...['--tls-key-file', server.keyFile, '--tls-ca-cert-file', authority.certFile, '--tls-auth-clients', 'no'],
];

async function failureOf(url: string, secure?: string): Promise<string> {
  try {
    const { place, replicas } = await inspectRedis(accessTo(url, secure));
    return `${place}: ${String(replicas)}`;
  } catch (error) {
    expect(error).toBeInstanceOf(StateError);
    return (error as Error).message;
  }
}

describeWithRedis('what is said when Redis cannot be used:', () => {
  it('nobody listens', async () => {
    const redis = await RedisServer.start();
    await redis.kill();
    expect(await failureOf(redis.url)).toMatch(
      /^Cannot use redis:\/\/127\.0\.0\.1:\d+: nothing listens there\. Check that the server runs/,
    );
  });

  it('the password is wrong, or missing; with the right one it can be used', async () => {
    const redis = await RedisServer.start(['--requirepass', 'correct-horse']);
    const refused = /the server refuses the user or password\. Check state\.redis_url\.$/;
    const at = `127.0.0.1:${String(redis.port)}`;
    for (const user of ['', ':wrong-battery@', 'nobody:wrong-battery@']) {
      const message = await failureOf(`redis://${user}${at}`);
      expect(message).toMatch(refused);
      expect(message).not.toContain('battery');
    }
    expect(await failureOf(`redis://:correct-horse@${at}`)).toBe(`redis://${at}: 0`);
    expect(await failureOf(`redis://:correct-horse@${at}/3`)).toBe(`redis://${at}/3: 0`);
    expect(await failureOf(`redis://:correct-horse@${at}/300`)).toMatch(/no database of this number/);
  });

  it('it is full, or a replica of another', async () => {
    const full = await RedisServer.start(['--maxmemory', '1', '--maxmemory-policy', 'noeviction']);
    expect(await failureOf(full.url)).toMatch(/the server is full\. Raise its maxmemory\.$/);
    const replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(full.port)]);
    expect(await failureOf(replica.url)).toMatch(/a read-only replica/);
  });

  it('the user may not write; with the rights in docs/fleet.md it can be used', async () => {
    const redis = await RedisServer.start();
    redis.cli('ACL', 'SETUSER', 'reader', 'on', '>secret-of-reader', '~*', '+@read', '+@connection');
    const documented = /^ACL SETUSER exporter on >PASSWORD (.*)$/m.exec(
      readFileSync('docs/fleet.md', 'utf8'),
    );
    redis.cli('ACL', 'SETUSER', 'exporter', 'on', '>PASSWORD', ...documented![1]!.split(' '));
    expect(await failureOf(`${redis.url.replace('//', '//exporter:PASSWORD@')}/1`)).toMatch(/: 0$/);
    const refused = await failureOf(redis.url.replace('//', '//reader:secret-of-reader@'));
    expect(refused).toMatch(/the user may not do this/);

    const called = Object.values(scripts).flatMap((script) =>
      typeof script === 'string' ? [...script.matchAll(/(?:redis\.call|inPieces)\('([A-Z]+)'/g)] : [],
    );
    const needed = new Set(['EVAL', ...called.map(([, command]) => command)]);
    const [, named = ''] = /Give it (.*) on keys/.exec(refused) ?? [];
    expect(new Set(named.split(/, | and /))).toEqual(needed);
    const allowed = documented![1]!.match(/(?<=\+)\w+/g)!.map((command) => command.toUpperCase());
    expect(new Set(allowed)).toEqual(new Set([...needed, 'SELECT']));
  });

  it('it does not answer', async () => {
    const redis = await RedisServer.start();
    redis.signal('SIGSTOP');
    expect(await failureOf(redis.url)).toMatch(/no answer within 4 s\.$/);
  });

  it('its certificate is of nobody who is trusted; with the authority it can be used', async () => {
    const redis = await RedisServer.start(tlsOptions);
    const url = redis.url.replace('redis:', 'rediss:');
    expect(await failureOf(url)).toMatch(
      /no trusted authority has signed its certificate\. Name the file of the authority in SSL_CERT_FILE/,
    );
    expect(await failureOf(url, authority.cert)).toMatch(/: 0$/);
    expect(await failureOf(redis.url)).toMatch(
      /the connection was broken\. If that lasts, check whether the server expects TLS/,
    );
    const plain = await RedisServer.start();
    expect(await failureOf(plain.url.replace('redis:', 'rediss:'), authority.cert)).toMatch(
      /Check whether (?:state\.redis_url is to begin with redis:|it speaks TLS there)|the connection was broken/,
    );
  });
});

describe('a URL', () => {
  it('is shown without user and password', () => {
    const place = (url: string) => new RedisConnection(accessTo(url)).place;
    expect(place('rediss://user:secret@redis.example.org/2')).toBe('rediss://redis.example.org:6379/2');
    expect(place('redis://[::1]:7000')).toBe('redis://[::1]:7000');
  });
});

it('logs no password that a server repeats in a refusal', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write("-ERR unknown command 'AUTH', with args beginning with: 'me' 's3cret-pass' \r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `redis://me:s3cret-pass@127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const connection = new RedisConnection(accessTo(url));
  onTestFinished(() => connection.close());
  let line = '';
  const log = createLogger({
    level: 'error',
    format: 'logfmt',
    write: (text) => (line = text),
    now: () => now,
  });
  await connection.run(scripts.load, [''], []).catch((err: unknown) => log.error('failed', { err }));
  expect(line).toMatch(/Cannot use redis:\/\/127\.0\.0\.1:\d+: the server does not know a command/);
  expect(line).not.toMatch(/s3cret|'me'/);
});

it('says why the URL cannot be read from its file', async () => {
  const read = () => Promise.reject(new Error('state.redis_url_file: there is no such file'));
  const access = accessTo('redis://redis');
  const connection = new RedisConnection({ ...access, url: { ...access.url, read } });
  await expect(connection.run(scripts.load, [''], [])).rejects.toThrow(
    'Cannot use redis://redis:6379: state.redis_url_file: there is no such file.',
  );
});
