// Chooses the rooms that are published one by one when there are more than the limit allows: the busiest. A published room
// makes way only for one that is more than twice as busy, so that equals do not flap; active rooms come before idle ones.
import type { Room } from './room.ts';
import { inSteps, sorted } from './steps.ts';

export interface PublicationRules {
  /** Rooms published one by one at most. */
  readonly limit: number;
  /** Seconds a room stays published after its last activity. */
  readonly linger: number;
}

export interface Seen {
  /** Whether all scrapers have seen what a room, or a group, was last published with. */
  isSeen(name: string, table: 'rooms' | 'groups'): boolean;
}

/** Marks the rooms to publish as chosen, and all others as not chosen. */
export function* choosePublished(
  rooms: Iterable<Room>,
  { limit, linger }: PublicationRules,
  now: number,
  isSeen: (room: string) => boolean,
): Generator<void, void> {
  const unseen: Room[] = [];
  const active: Room[] = [];
  const idle: Room[] = [];
  yield* inSteps(rooms, (room) => {
    room.chosen = room.isFixed;
    if (!room.publishable || room.isFixed) return;
    const lingers = Math.abs(now - room.activeAt) < linger;
    if (!room.isActive && !lingers) return;
    // Increases that a scraper has not seen would be lost to it.
    if (room.published && !isSeen(room.name)) unseen.push(room);
    else if (room.isActive) active.push(room);
    else if (room.published || room.activeAt === now) idle.push(room);
  });
  let free = limit;
  for (const [candidates, order] of [
    [unseen, busiestFirst],
    [active, busiestFirst],
    [idle, latestFirst],
  ] as const) {
    const best = candidates.length <= free ? candidates : (yield* sorted(candidates, order)).slice(0, free);
    yield* inSteps(best, (room) => {
      room.chosen = true;
    });
    free -= best.length;
  }
}

/** The order in which rooms are published: by code units, which is also the order that compresses best. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function busiestFirst(a: Room, b: Room): number {
  return weight(b) - weight(a) || byName(a, b);
}

function weight({ participants, published }: Room): number {
  return published ? 2 * participants + 1 : participants;
}

function latestFirst(a: Room, b: Room): number {
  return b.activeAt - a.activeAt || Number(b.published) - Number(a.published) || byName(a, b);
}
