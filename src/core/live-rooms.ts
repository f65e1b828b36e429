// The rooms that exist now, as they are published: rewritten, summed by label, and under the same limit as the rooms
// of the session list.
import type { LiveRoom } from './live.ts';
import { byName } from './published-rooms.ts';
import { otherLabel } from './room-labels.ts';
import type { RoomRules } from './rooms.ts';
import { inSteps, sorted } from './steps.ts';

export type LiveRoomSnapshot = Pick<LiveRoom, 'name' | 'participants' | 'publishers'>;

/** Over all rooms, whatever the limit. */
export interface LiveRoomsSnapshot {
  /** With participants. */
  readonly rooms: number;
  readonly emptyRooms: number;
  readonly participants: number;
  readonly publishers: number;
  readonly recordedRooms: number;
  /** Sorted by name (code units): the rooms published one by one, and `__other__`. */
  readonly published: readonly LiveRoomSnapshot[];
}

/** The ledger's rules that apply to live rooms too. */
export interface LiveRules extends Pick<RoomRules, 'labelRoom'> {
  readonly rooms: Pick<RoomRules['rooms'], 'limit'>;
}

type Summed = { -readonly [Field in keyof LiveRoomSnapshot]: LiveRoomSnapshot[Field] };

/** When there are more than the limit, rooms that `isPublished` come first, then those with the most participants. */
export function* summarizeLiveRooms(
  answer: Iterable<LiveRoom>,
  { labelRoom, rooms: { limit } }: LiveRules,
  isPublished: (room: string) => boolean,
): Generator<void, LiveRoomsSnapshot> {
  const totals = { rooms: 0, emptyRooms: 0, participants: 0, publishers: 0, recordedRooms: 0 };
  const byLabel = new Map<string, Summed>();
  const other: Summed = { name: otherLabel, participants: 0, publishers: 0 };
  yield* inSteps(answer, ({ name, participants, publishers, isRecorded }) => {
    totals[participants > 0 ? 'rooms' : 'emptyRooms'] += 1;
    totals.participants += participants;
    totals.publishers += publishers;
    if (isRecorded) totals.recordedRooms += 1;
    const label = labelRoom(name);
    let room = label.publishable ? byLabel.get(label.name) : other;
    if (!room) byLabel.set(label.name, (room = { name: label.name, participants: 0, publishers: 0 }));
    room.participants += participants;
    room.publishers += publishers;
  });
  let published = [...byLabel.values()];
  if (published.length > limit) {
    const first = new Set(published.filter(({ name }) => isPublished(name)));
    yield;
    const inOrder = yield* sorted(
      published,
      (a, b) =>
        Number(first.has(b)) - Number(first.has(a)) || b.participants - a.participants || byName(a, b),
    );
    published = inOrder.slice(0, limit);
    yield* inSteps(inOrder.slice(limit), ({ participants, publishers }) => {
      other.participants += participants;
      other.publishers += publishers;
    });
  }
  return { ...totals, published: yield* sorted([...published, other], byName) };
}
