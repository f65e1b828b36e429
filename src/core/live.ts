// What LiveKit's server API says is true now, rooms and egresses, and the source that a live poll asks for them.
import type { RejectionReason } from './session-row.ts';

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
