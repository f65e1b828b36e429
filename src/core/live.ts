// What LiveKit's server API says is true now: the rooms and egresses of one answer.

/** A room that exists now, with participants or without. */
export interface LiveRoom {
  /** The id of its session, as the session list has it. */
  readonly sessionId: string;
  readonly name: string;
  readonly participants: number;
  readonly publishers: number;
  readonly isRecorded: boolean;
}

export type RunningEgressStatus = 'starting' | 'active' | 'ending';
export type EndedEgressStatus = 'complete' | 'failed' | 'aborted' | 'limit_reached';
export type EgressStatus = RunningEgressStatus | EndedEgressStatus;

export const runningStatuses: readonly RunningEgressStatus[] = ['starting', 'active', 'ending'];
export const endedStatuses: readonly EndedEgressStatus[] = ['complete', 'failed', 'aborted', 'limit_reached'];

/** An egress that runs or ended recently. Times are Unix seconds, 0 for none. */
export interface LiveEgress {
  readonly egressId: string;
  readonly status: EgressStatus;
  readonly startedAt: number;
  readonly endedAt: number;
}
