// Which projects belong to this process when several share the work.
import { scalar, shortText } from './kinds.ts';
import type { Kind } from './kinds.ts';
import type { Shard } from './settings.ts';

const mostShards = 10_000;

export const shardOfShards: Kind<Shard> = scalar({
  noun: 'text',
  allowed: `I/N: the shard with the number I of N, counted from 0, for example 0/3, 1/3 and 2/3; N up to ${mostShards}`,
  types: ['string'],
  harmless: shortText(/\d/),
  parse(text) {
    const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
    if (index === undefined || count === undefined) return { problem: 'is not a shard' };
    const value = { index: Number(index), count: Number(count) };
    return value.index < value.count && value.count <= mostShards
      ? { value }
      : { problem: 'is out of range' };
  },
});

/** The projects of a shard. Each project belongs to exactly one of `count`, whatever other projects there are. */
export async function ofShard<Project extends { readonly id: string }>(
  projects: readonly Project[],
  { index, count }: Shard,
): Promise<readonly Project[]> {
  if (count === 1) return projects;
  const { hashMod } = await import('./shard-hash.ts');
  return projects.filter(({ id }) => hashMod(id, count) === index);
}
