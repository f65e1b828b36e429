// What the details of one session say, whatever way they were spelled on the wire: who was connected and when. Nobody's
// identity or name is part of it.

/** What participants can publish, the values of the label `source`. */
export type PublishedSource = 'camera' | 'microphone' | 'screen_share' | 'screen_share_audio';

/** One stay of a participant without a break. Times are Unix seconds. */
export interface Connection {
  readonly joinedAt: number;
  /** 0 while it lasts. */
  readonly leftAt: number;
  /** Of these three, undefined what the answer does not say. */
  readonly region: string | undefined;
  readonly connectionType: string | undefined;
  readonly sdk: string | undefined;
}

export interface ParticipantDetails {
  readonly joinedAt: number;
  /** 0 while the participant is connected. */
  readonly leftAt: number;
  /** By when they began; never empty. More than one: the participant has reconnected. */
  readonly connections: readonly Connection[];
  readonly sources: readonly PublishedSource[];
}

export interface SessionDetails {
  /** Unix seconds; 0 while the session runs, or when the answer does not say. */
  readonly endedAt: number;
  /** Running total of what LiveKit bills for, bytes; undefined when the answer does not say. */
  readonly billableBandwidth: number | undefined;
  readonly participants: readonly ParticipantDetails[];
  /** Participants in the answer that could not be used. */
  readonly unusable: number;
  /** How many participants the answer says there were; 0 when it does not say. */
  readonly numParticipants: number;
}
