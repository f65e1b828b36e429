// What LiveKit's server API says is true now, rooms and egresses, and the source that a live poll asks for them. Rooms are
// published rewritten, summed by label, and under the same limit as the rooms of the session list.
import { byName } from './published-rooms.ts';
import { otherLabel } from './room-labels.ts';
import type { RoomRules } from './rooms.ts';
import type { RejectionReason } from './session-row.ts';
import { inSteps, sorted } from './steps.ts';

/** A room that exists now, with participants or without. */
export interface LiveRoom {
  /** The id of its session, as the session list has it. */
  readonly sessionId: string;
  readonly name: string;
  readonly participants: number;
  readonly publishers: number;
  readonly isRecorded: boolean;
}

export const runningStatuses = ['starting', 'active', 'ending'] as const;
export const endedStatuses = ['complete', 'failed', 'aborted', 'limit_reached'] as const;
export type RunningEgressStatus = (typeof runningStatuses)[number];
export type EndedEgressStatus = (typeof endedStatuses)[number];
export type EgressStatus = RunningEgressStatus | EndedEgressStatus;

/** An egress that runs or ended recently. Times are Unix seconds, 0 for none. */
export interface LiveEgress {
  readonly egressId: string;
  readonly status: EgressStatus;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Rejects with a SourceError when it could not be read, or with the signal's reason. Times are Unix seconds. */
export interface LiveSource {
  /** All rooms of the project. `sentAt`: when they were asked for, by our clock. */
  readRooms(signal: AbortSignal): Promise<{
    readonly rooms: readonly LiveRoom[];
    readonly rejected: readonly RejectionReason[];
    readonly sentAt: number;
  }>;
  /** Running and recently ended egresses. `time`: by LiveKit's clock, not later than the answer was made. */
  readEgresses(signal: AbortSignal): Promise<{
    readonly egresses: readonly LiveEgress[];
    readonly rejected: readonly RejectionReason[];
    readonly time: number;
  }>;
}

export type LiveRoomSnapshot = Pick<LiveRoom, 'name' | 'participants' | 'publishers'>;

/** Over all rooms, whatever the limit; `rooms` have participants. */
const noRooms = { rooms: 0, emptyRooms: 0, participants: 0, publishers: 0, recordedRooms: 0 };

export interface LiveRoomsSnapshot extends Readonly<typeof noRooms> {
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
  const totals = { ...noRooms };
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
