// The hash by which projects are spread over shards: that of Prometheus' relabelling action `hashmod`. A file of its own
// because it is loaded only where there is more than one shard.
import { createHash } from 'node:crypto';

/** Go's `binary.BigEndian.Uint64(md5.Sum(id)[8:]) % shards`. */
export function hashMod(id: string, shards: number): number {
  return Number(createHash('md5').update(id).digest().readBigUInt64BE(8) % BigInt(shards));
}
