// One session: what happens in it, fixed at its birth, and what the API reports of it at any time. Times are Unix seconds.

/** One stay in the room without a break. */
export interface Connection {
  readonly joinedAt: number;
  /** Infinity: until the session ends. */
  readonly leftAt: number;
}

export type PublishedSources = Readonly<
  Record<'cameraTrack' | 'microphoneTrack' | 'screenShareTrack' | 'screenShareAudio', boolean>
>;

/** What newer answers say of a participant; left out where it is undefined. */
export type ParticipantKind = Readonly<
  Partial<Record<'region' | 'connectionType' | 'sdkVersion' | 'location', string>>
>;

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

/** Whole bytes. */
export interface Volume {
  readonly bandwidthIn: number;
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
  readonly activeParticipants: number;
  /** When somebody was last connected; -Infinity when nobody has been. */
  readonly lastActive: number;
}

export function attendanceAt(life: SessionLife, time: number): Attendance {
  const begun = life.participants.flatMap((participant) => connectionsUntil(participant, time).at(-1) ?? []);
  const ends = begun.map(({ leftAt }) => leftAt);
  return {
    participants: begun.length,
    activeParticipants: ends.filter((leftAt) => time < leftAt).length,
    lastActive: Math.min(time, Math.max(...ends)),
  };
}

export function connectionsUntil({ connections }: Participant, time: number): readonly Connection[] {
  return connections.filter(({ joinedAt }) => joinedAt <= time);
}

/** 0 never started, 1 active, 2 ended. */
export type EgressState = 0 | 1 | 2;

/** What the session list says of a session at one time, before it is spelled. */
export interface SessionReading extends Volume, Attendance {
  readonly sessionId: string;
  readonly roomName: string;
  readonly createdAt: number;
  /** 0 while the session runs. */
  readonly endedAt: number;
  readonly egress: EgressState;
}

export type SessionOutline = Pick<
  SimulatedSession,
  'id' | 'roomName' | 'startsAt' | 'endsAt' | 'reportingLag' | 'egress' | 'drawLife'
>;

export class SimulatedSession {
  readonly id: string;
  readonly roomName: string;
  readonly startsAt: number;
  /** Infinity: it runs until it is ended. */
  endsAt: number;
  /** Seconds by which reported volumes are behind; they go on rising for so long after the end. */
  readonly reportingLag: number;
  readonly egress: { readonly from: number; readonly until: number } | undefined;
  /** Draws the same life every time: lives of sessions that have settled are not kept in memory. */
  readonly drawLife: () => SessionLife;
  #life: SessionLife | undefined;
  #settled: (Volume & Attendance) | undefined;

  constructor(outline: SessionOutline) {
    ({ id: this.id, roomName: this.roomName, startsAt: this.startsAt, endsAt: this.endsAt } = outline);
    ({ reportingLag: this.reportingLag, egress: this.egress, drawLife: this.drawLife } = outline);
  }

  /** From this time on nothing reported changes any more. */
  get settlesAt(): number {
    return this.endsAt + this.reportingLag;
  }

  get life(): SessionLife {
    return (this.#life ??= this.drawLife());
  }

  /** What the API reports at a time: volumes as they were `reportingLag` seconds before. */
  readAt(time: number): SessionReading {
    const ended = time >= this.endsAt;
    const { lastActive, activeParticipants, ...totals } =
      time >= this.settlesAt
        ? this.#settle()
        : {
            ...this.actualVolumeAt(time - this.reportingLag),
            ...attendanceAt(this.life, Math.min(time, this.endsAt)),
          };
    return {
      ...totals,
      sessionId: this.id,
      roomName: this.roomName,
      createdAt: this.startsAt,
      lastActive: Math.max(this.startsAt, lastActive),
      endedAt: ended ? this.endsAt : 0,
      egress: this.egressAt(time),
      activeParticipants: ended ? 0 : activeParticipants,
    };
  }

  /** The bytes that have really moved at a time; what is reported arrives there in the end. */
  actualVolumeAt(time: number): Volume {
    return time >= this.settlesAt ? this.#settle() : volumeAt(this.life, Math.min(time, this.endsAt));
  }

  egressAt(time: number): EgressState {
    const { egress } = this;
    if (egress === undefined || time < egress.from || egress.from >= this.endsAt) return 0;
    return time < Math.min(egress.until, this.endsAt) ? 1 : 2;
  }

  #settle(): Volume & Attendance {
    this.#settled ??= { ...volumeAt(this.life, this.endsAt), ...attendanceAt(this.life, this.endsAt) };
    this.#life = undefined;
    return this.#settled;
  }
}
