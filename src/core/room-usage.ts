// What a room's counters are to its sessions, the connected time is to their participants: in microseconds, so that sums are
// exact. Owned by the room.
import { microseconds } from './details-summary.ts';
import { ExactSum, type ExactSumState } from './exact-sum.ts';

/** What is counted, and what was when the room was last left out. */
export type RoomUsageState = readonly [counted: ExactSumState, before: number];

export class RoomUsage {
  /** Grown while the room was published. */
  readonly #counted = new ExactSum();
  /** Grown in the poll at hand, before it is known whether the room is published. */
  readonly #pending = new ExactSum();
  /** What it was last published with before it was left out. */
  #before = 0;

  /** In microseconds. */
  grow(connected: number): void {
    this.#pending.add(connected);
  }

  /** Counts what has grown of this room, or of another that it stands for. */
  settle(room: RoomUsage): void {
    this.#counted.addSum(room.#pending);
    room.#pending.clear();
  }

  /** The room is left out: what it has will have been shown before it comes back. */
  leave(): void {
    this.#before = this.#counted.value;
  }

  get connectionSeconds(): number {
    return this.#counted.value / microseconds;
  }

  get connectionSecondsBefore(): number {
    return this.#before / microseconds;
  }

  get state(): RoomUsageState {
    return [this.#counted.state, this.#before];
  }

  /** `isShown`: whether whoever counts has seen where it began. */
  restore([counted, before]: RoomUsageState, isShown: boolean): void {
    this.#counted.restore(counted);
    this.#before = isShown ? this.#counted.value : before;
  }
}
