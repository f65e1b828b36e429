// Which rooms are published one by one when there are more than the limit allows. Published rooms that are
// active stay, so that no room flaps between two equals; active rooms come before idle ones.
import type { Room } from './room.ts';
import { sorted } from './sorting.ts';

export interface PublicationRules {
  /** Rooms published one by one at most. */
  readonly limit: number;
  /** Seconds a room stays published after its last activity. */
  readonly linger: number;
}

/** The rooms to publish, in no particular order. */
export function* choosePublished(
  rooms: Iterable<Room>,
  { limit, linger }: PublicationRules,
  now: number,
): Generator<void, Room[]> {
  const stay: Room[] = [];
  const active: Room[] = [];
  const idle: Room[] = [];
  let steps = 0;
  for (const room of rooms) {
    if (++steps % 256 === 0) yield;
    if (!room.publishable) continue;
    if (room.activeSessions > 0) (room.published ? stay : active).push(room);
    else if (now - room.activeAt < linger && (room.published || room.activeAt === now)) idle.push(room);
  }
  const chosen = stay.slice(0, limit);
  for (const [candidates, order] of [
    [active, busiestFirst],
    [idle, latestFirst],
  ] as const) {
    const free = limit - chosen.length;
    const best = candidates.length <= free ? candidates : (yield* sorted(candidates, order)).slice(0, free);
    for (const room of best) chosen.push(room);
  }
  return chosen;
}

/** The order in which rooms are published: by code units, which is also the order that compresses best. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function busiestFirst(a: Room, b: Room): number {
  return b.activeParticipants - a.activeParticipants || byName(a, b);
}

function latestFirst(a: Room, b: Room): number {
  return b.activeAt - a.activeAt || Number(b.published) - Number(a.published) || byName(a, b);
}
