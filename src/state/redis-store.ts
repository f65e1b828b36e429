// Redis or Valkey as the store of states: one key a project, compressed, written only while the project is this replica's.
// Writes of several projects at about the same time are one step. Loaded only where `state.redis_url` is set.
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Logger } from '../lib/logger.ts';
import { DamagedState, storedPart, type StoredBytes, type StateOptions } from './content.ts';
import { RedisConnection, type RedisOptions } from './redis-connection.ts';
import { keepAside, load, ownersKey, probe, replicasKey, save, stateKey } from './redis-scripts.ts';
import { Replica } from './replica.ts';
import { LeaseLost, type StatePart, type StateStore, type StoredPart } from './state-store.ts';

/** Writes are collected for this long. */
const gatherMilliseconds = 200;
/** At most in one step, during which the server does nothing else. */
const mostProjects = 250;
const mostBytes = 4 * 2 ** 20;

const keptAsideSeconds = 30 * 86_400;

/** A project's parts as they were read or are to be written, compressed. */
interface OpenProject {
  readonly project: string;
  readonly parts: Map<StatePart, Buffer>;
  read: Promise<void> | undefined;
}

interface Batch {
  readonly projects: Set<OpenProject>;
  bytes: number;
  /** Those that turned out to be another replica's. */
  readonly lost: Promise<ReadonlySet<OpenProject>>;
}

export function redisStore(
  connection: RedisConnection,
  replica: Pick<Replica, 'name' | 'lost'>,
  options: StateOptions,
): StateStore {
  let gathering: Batch | undefined;

  function part(open: OpenProject, name: StatePart): StoredPart {
    const { project, parts } = open;
    const bytes: StoredBytes = {
      fields: { project },
      read: async () => {
        await (open.read ??= read(open));
        const packed = parts.get(name);
        return (
          packed &&
          promisify(gunzip)(packed).catch(() => {
            throw new DamagedState('it cannot be unpacked');
          })
        );
      },
      replace: async (encode) => {
        const pieces: Buffer[] = [];
        await encode((piece) => void pieces.push(piece));
        parts.set(name, await promisify(gzip)(Buffer.concat(pieces), { level: 1 }));
        await write(open);
      },
      setAside: async (time) => {
        const packed = parts.get(name);
        const key = `${stateKey(project)}:${name}:set-aside-${time}`;
        if (packed) await connection.run(keepAside, [key], [packed, String(keptAsideSeconds)]);
        parts.delete(name);
        return key;
      },
    };
    return storedPart(project, bytes, options);
  }

  async function read({ project, parts }: OpenProject): Promise<void> {
    const value = await connection.run(load, [stateKey(project)], []);
    if (value instanceof Buffer) for (const [name, bytes] of split(value)) parts.set(name, bytes);
  }

  async function write(open: OpenProject): Promise<void> {
    if (!gathering || gathering.projects.size === mostProjects || gathering.bytes > mostBytes) {
      const projects = new Set<OpenProject>();
      const lost = wait(gatherMilliseconds).then(() => {
        if (gathering?.projects === projects) gathering = undefined;
        return writeAll([...projects]);
      });
      gathering = { projects, bytes: 0, lost };
    }
    const { projects, lost } = gathering;
    projects.add(open);
    for (const { length } of open.parts.values()) gathering.bytes += length;
    if ((await lost).has(open)) throw new LeaseLost(open.project);
  }

  async function writeAll(projects: readonly OpenProject[]): Promise<ReadonlySet<OpenProject>> {
    const keys = [ownersKey, ...projects.map(({ project }) => stateKey(project))];
    const args = projects.flatMap(({ project, parts }) => [project, joined(parts)]);
    const written = (await connection.run(save, keys, [replica.name, ...args])) as number[];
    const lost = projects.filter((_, index) => written[index] !== 1);
    for (const { project } of lost) replica.lost(project);
    return new Set(lost);
  }

  return {
    place: connection.place,
    open: (project) => {
      const open: OpenProject = { project, parts: new Map(), read: undefined };
      return { list: part(open, 'list'), live: part(open, 'live') };
    },
    close: () => Promise.resolve(),
  };
}

/** The length of the list's part, then both parts. */
function joined(parts: ReadonlyMap<StatePart, Buffer>): Buffer {
  const [list, live] = [parts.get('list') ?? Buffer.alloc(0), parts.get('live') ?? Buffer.alloc(0)];
  const length = Buffer.alloc(4);
  length.writeUInt32BE(list.length);
  return Buffer.concat([length, list, live]);
}

/** Of anything else some part cannot be unpacked. */
function split(value: Buffer): readonly (readonly [StatePart, Buffer])[] {
  if (value.length < 4) return [['list', value]];
  const end = 4 + value.readUInt32BE();
  const parts = [['list', value.subarray(4, end)] as const, ['live', value.subarray(end)] as const];
  return parts.filter(([, bytes]) => bytes.length > 0);
}

/** The store, and this process as one of the replicas that share it. Connects to nothing yet. */
export function openRedisState(server: RedisOptions, now: () => number, log: Logger) {
  const connection = new RedisConnection(server);
  const replica = new Replica(connection, now, log);
  return { store: redisStore(connection, replica, { now, log }), replica };
}

/** How many replicas have registered there. Rejected with a StateError when the server cannot be used. */
export async function inspectRedis(server: RedisOptions) {
  const connection = new RedisConnection(server);
  try {
    const replicas = (await connection.run(probe, [stateKey(''), replicasKey], [])) as unknown[];
    return { place: connection.place, replicas: replicas.length };
  } finally {
    connection.close();
  }
}
