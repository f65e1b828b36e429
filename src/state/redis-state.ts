// The state in Redis or Valkey: the store, and this process as one of the replicas that share it. Loaded only where
// `state.redis_url` is set.
import { hostname } from 'node:os';
import type { Logger } from '../lib/logger.ts';
import { RedisConnection, type RedisOptions } from './redis-connection.ts';
import { probe, replicasKey, stateKey } from './redis-scripts.ts';
import { RedisStore } from './redis-store.ts';
import { Replica, replicaName } from './replica.ts';

export interface RedisStateOptions extends Omit<RedisOptions, 'url'> {
  readonly url: { readonly text: string; read(): Promise<string> };
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Connects to nothing yet. */
export function openRedisState({ url, now, log, ...options }: RedisStateOptions) {
  const connection = new RedisConnection(url.text, { ...options, url: () => url.read() });
  const name = replicaName(hostname());
  const clock = () => performance.now() / 1000;
  const replica = new Replica({ name, connection, clock, now, log });
  const store = new RedisStore(connection, {
    replica: name,
    now,
    log,
    lost: (project) => replica.lost(project),
  });
  return { store, replica };
}

/** How many replicas have registered there. Rejected with a StateError when the server cannot be used. */
export async function inspectRedis({
  url,
  ...options
}: Omit<RedisStateOptions, 'now' | 'log'>): Promise<{ readonly place: string; readonly replicas: number }> {
  const connection = new RedisConnection(url.text, { ...options, url: () => url.read() });
  try {
    const replicas = (await connection.run(probe, [stateKey(''), replicasKey], [])) as unknown[];
    return { place: connection.place, replicas: replicas.length };
  } finally {
    connection.close();
  }
}
