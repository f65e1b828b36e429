// What happens in one session, fixed when it is born, and what that amounts to at any time. Times are Unix
// seconds; nothing here remembers or moves.

/** One stay in the room without a break. */
export interface Connection {
  readonly joinedAt: number;
  /** Infinity: until the session ends. */
  readonly leftAt: number;
}

export interface PublishedSources {
  readonly cameraTrack: boolean;
  readonly microphoneTrack: boolean;
  readonly screenShareTrack: boolean;
  readonly screenShareAudio: boolean;
}

/** What newer answers say of a participant; left out where it is undefined. */
export interface ParticipantKind {
  readonly region?: string;
  readonly connectionType?: string;
  readonly sdkVersion?: string;
  readonly location?: string;
}

export interface Participant {
  readonly identity: string;
  readonly name: string;
  readonly kind: ParticipantKind;
  readonly sources: PublishedSources;
  /** In order of time, never empty; more than one: the participant reconnected. */
  readonly connections: readonly Connection[];
}

/** Bytes that run at a constant rate for a while. */
export interface Flow {
  readonly from: number;
  readonly until: number;
  /** Uploaded to LiveKit, bytes per second. */
  readonly inRate: number;
  /** Downloaded from LiveKit, bytes per second. */
  readonly outRate: number;
}

export interface SessionLife {
  readonly participants: readonly Participant[];
  readonly flows: readonly Flow[];
}

export interface Volume {
  /** Bytes uploaded to LiveKit, whole. */
  readonly bandwidthIn: number;
  /** Bytes downloaded from LiveKit, whole. */
  readonly bandwidthOut: number;
}

/** The bytes that had moved at a time. Never less at a later time: every term and every rounding is monotonic. */
export function volumeAt(life: SessionLife, time: number): Volume {
  let bandwidthIn = 0;
  let bandwidthOut = 0;
  for (const { from, until, inRate, outRate } of life.flows) {
    const seconds = Math.min(time, until) - from;
    if (seconds <= 0) continue;
    bandwidthIn += seconds * inRate;
    bandwidthOut += seconds * outRate;
  }
  return { bandwidthIn: Math.floor(bandwidthIn), bandwidthOut: Math.floor(bandwidthOut) };
}

export interface Attendance {
  /** Distinct participants so far. */
  readonly participants: number;
  /** Connected at the time. */
  readonly activeParticipants: number;
  /** When somebody was last connected; -Infinity when nobody has been. */
  readonly lastActive: number;
}

/** Who had come and who was there at a time. */
export function attendanceAt(life: SessionLife, time: number): Attendance {
  let participants = 0;
  let activeParticipants = 0;
  let lastActive = -Infinity;
  for (const { connections } of life.participants) {
    let came = false;
    let connected = false;
    for (const { joinedAt, leftAt } of connections) {
      if (joinedAt > time) break;
      came = true;
      connected = time < leftAt;
      lastActive = Math.max(lastActive, Math.min(time, leftAt));
    }
    if (came) participants++;
    if (connected) activeParticipants++;
  }
  return { participants, activeParticipants, lastActive };
}

/** The connections of a participant that had begun by a time. */
export function connectionsUntil({ connections }: Participant, time: number): readonly Connection[] {
  return connections.filter(({ joinedAt }) => joinedAt <= time);
}
