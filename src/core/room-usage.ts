// What a room's counters are to its sessions, the connected seconds are to their participants. Owned by the room.
import { ExactSum, type ExactSumState } from './exact-sum.ts';

export class RoomUsage {
  /** Grown while the room was published. */
  readonly #counted = new ExactSum();
  /** Grown in the poll at hand, before it is known whether the room is published. */
  readonly #pending = new ExactSum();
  /** What it was last published with before it was left out. */
  #before = 0;

  grow(connectionSeconds: number): void {
    this.#pending.add(connectionSeconds);
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
    return this.#counted.value;
  }

  get connectionSecondsBefore(): number {
    return this.#before;
  }

  get state(): ExactSumState {
    return this.#counted.state;
  }

  /** Without `before` whoever counts has seen where it began. */
  restore(counted: ExactSumState, before: number | undefined): void {
    this.#counted.restore(counted);
    this.#before = before ?? this.#counted.value;
  }
}
