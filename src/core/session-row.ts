// One row of the session list, independent of its spelling on the wire.

/** 0 never started, 1 active, 2 ended: the numbers of the API's field `egress`. */
export type EgressState = 0 | 1 | 2;

/** Attempts of participants to connect to a session so far, and how many of them succeeded. */
export const noConnections = { attempts: 0, successes: 0 };

export type ConnectionCounts = Readonly<typeof noConnections>;

/** One session as it was read. Times are Unix seconds (fractions allowed), volumes bytes; none is negative. */
export interface SessionRow {
  /** Identity of the session, one lifetime of a room. Never empty. */
  readonly sessionId: string;
  /** Chosen by the customer, any well-formed Unicode; several sessions can share it. */
  readonly roomName: string;
  readonly createdAt: number;
  /** 0 when the row does not say. */
  readonly lastActive: number;
  /** 0 while the session runs. */
  readonly endedAt: number;
  /** Running total, uploaded to LiveKit. Whole; exact up to 2^53, the nearest double above. */
  readonly bandwidthIn: number;
  /** Running total, downloaded from LiveKit. Whole; exact up to 2^53, the nearest double above. */
  readonly bandwidthOut: number;
  readonly egress: EgressState;
  /** Distinct participants so far. */
  readonly participants: number;
  /** Participants connected now; undefined when the row does not say. */
  readonly activeParticipants: number | undefined;
  /** Absent when the row does not say. */
  readonly connectionCounts?: ConnectionCounts | undefined;
}

/** Why a row is dropped, or its session no longer remembered: the values of the label `reason` of rows_rejected_total. */
export const rejectionReasons = [
  'not_an_object',
  'invalid_session_id',
  'invalid_room_name',
  'invalid_timestamp',
  'future_timestamp',
  'invalid_number',
  'negative_number',
  'invalid_egress',
  'too_many_sessions',
] as const;

export type RejectionReason = (typeof rejectionReasons)[number];

/** One page of the session list: the rows that can be used, and why the others cannot. */
export interface SessionPage {
  readonly rows: readonly SessionRow[];
  readonly rejected: readonly RejectionReason[];
  /** A time by the API's clock that is not later than the page, Unix seconds; undefined when unknown. */
  readonly time?: number;
}
