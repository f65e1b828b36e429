// What replicas do in Redis, each script one atomic step. Each project has a key with its state, and there are three hashes:
// `replicas` holds what each replica last said of itself, `owners` which replica has a project (empty when it was given
// back), `used` how many requests were sent for it, and when.

/** In braces: a server that spreads keys over shards keeps these together. */
const prefix = '{livekit-cloud-exporter}:';

export const replicasKey = `${prefix}replicas`;
export const ownersKey = `${prefix}owners`;
export const usedKey = `${prefix}used`;

export function stateKey(project: string): string {
  return `${prefix}state:${project}`;
}

/** Calls are made in pieces: Lua cannot pass more than some thousands of arguments. */
const helpers = `
local function add(list, name, value)
  list[#list + 1] = name
  list[#list + 1] = value
end
local function inPieces(command, key, list)
  for first = 1, #list, 1000 do
    redis.call(command, key, unpack(list, first, math.min(first + 999, #list)))
  end
end`;

/**
 * A replica's sign of life: what it says of itself, and the requests it has sent for each project in the last minute.
 * KEYS replicas, owners, used; ARGV replica, text, then project and number. Answers with all replicas and all owners.
 */
export const beat = `${helpers}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local now = redis.call('TIME')[1]
local used = {}
for i = 3, #ARGV, 2 do
  add(used, ARGV[i], ARGV[i + 1] .. ' ' .. now)
end
inPieces('HSET', KEYS[3], used)
return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2])}`;

/**
 * Takes projects that still have the owner that was seen, '?' for none. KEYS owners, used; ARGV replica, then project and
 * owner. Answers with each project that was taken, and its requests of the last minute.
 */
export const take = `${helpers}
local now = tonumber(redis.call('TIME')[1])
local owners, taken = {}, {}
for i = 2, #ARGV, 2 do
  local owner = redis.call('HGET', KEYS[1], ARGV[i]) or '?'
  if owner == ARGV[i + 1] then
    add(owners, ARGV[i], ARGV[1])
    local count, at = string.match(redis.call('HGET', KEYS[2], ARGV[i]) or '', '^(%d+) (%d+)$')
    add(taken, ARGV[i], count and now - tonumber(at) <= 61 and count or '0')
  end
end
inPieces('HSET', KEYS[1], owners)
return taken`;

/** Gives back projects this replica has. KEYS owners, used; ARGV replica, then project and requests of the last minute. */
export const giveBack = `${helpers}
local now = redis.call('TIME')[1]
local owners, used = {}, {}
for i = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[1] then
    add(owners, ARGV[i], '')
    add(used, ARGV[i], ARGV[i + 1] .. ' ' .. now)
  end
end
inPieces('HSET', KEYS[1], owners)
inPieces('HSET', KEYS[2], used)
return 1`;

/** Forgets replicas that are gone, or leaving. KEYS replicas; ARGV replicas. */
export const forget = `return redis.call('HDEL', KEYS[1], unpack(ARGV))`;

/**
 * Writes the states of projects that this replica has, or nobody: after the server has lost its data they are claimed again.
 * KEYS owners, then a key each; ARGV replica, then project and state. Answers with 1 for each written, 0 for another's.
 */
export const save = `${helpers}
local states, owners, written = {}, {}, {}
for i = 2, #KEYS do
  local project = ARGV[2 * i - 2]
  local owner = redis.call('HGET', KEYS[1], project) or '?'
  written[#written + 1] = (owner == ARGV[1] or owner == '?') and 1 or 0
  if written[#written] == 1 then
    add(states, KEYS[i], ARGV[2 * i - 1])
  end
  if owner == '?' then
    add(owners, project, ARGV[1])
  end
end
inPieces('HSET', KEYS[1], owners)
if #states > 0 then redis.call('MSET', unpack(states)) end
return written`;

export const load = `return redis.call('GET', KEYS[1])`;

/** Keeps a state that cannot be used under another key for some seconds. KEYS key; ARGV state, seconds. */
export const keepAside = `return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])`;

/** Checks that the server takes what replicas write, and leaves nothing behind. KEYS any, replicas. Answers with the replicas. */
export const probe = `
redis.call('SET', KEYS[1], '', 'EX', 1)
return redis.call('HKEYS', KEYS[2])`;

/** An answer of alternating names and values as a map. */
export function pairs(flat: readonly Buffer[]): Map<string, string> {
  const texts = flat.map(String);
  return new Map(
    texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1] ?? ''] as const] : [])),
  );
}
