// One simulated session: what the API reports of it at any time, and what is true. It draws nothing itself
// and has no clock.
import { attendanceAt, volumeAt, type Attendance, type SessionLife, type Volume } from './session-life.ts';

/** 0 never started, 1 active, 2 ended. */
export type EgressState = 0 | 1 | 2;

/** What the session list says of a session at one time, before it is spelled. Times are Unix seconds. */
export interface SessionReading extends Volume {
  readonly sessionId: string;
  readonly roomName: string;
  readonly createdAt: number;
  readonly lastActive: number;
  /** 0 while the session runs. */
  readonly endedAt: number;
  readonly egress: EgressState;
  readonly participants: number;
  readonly activeParticipants: number;
}

export interface SessionOutline {
  readonly id: string;
  readonly roomName: string;
  readonly startsAt: number;
  /** Infinity: it runs until it is ended. */
  readonly endsAt: number;
  /** Seconds by which reported volumes are behind; they go on rising for so long after the end. */
  readonly reportingLag: number;
  readonly egress: { readonly from: number; readonly until: number } | undefined;
  /** Draws the same life every time: lives of sessions that have settled are not kept in memory. */
  readonly drawLife: () => SessionLife;
}

type Settled = Volume & Attendance;

export class SimulatedSession {
  readonly outline: SessionOutline;
  readonly id: string;
  readonly roomName: string;
  readonly startsAt: number;
  /** Infinity while no end is known. */
  endsAt: number;
  #life: SessionLife | undefined;
  #settled: Settled | undefined;

  constructor(outline: SessionOutline) {
    this.outline = outline;
    ({ id: this.id, roomName: this.roomName, startsAt: this.startsAt, endsAt: this.endsAt } = outline);
  }

  /** From this time on nothing reported changes any more. */
  get settlesAt(): number {
    return this.endsAt + this.outline.reportingLag;
  }

  get life(): SessionLife {
    return (this.#life ??= this.outline.drawLife());
  }

  /** What the API reports at a time: volumes as they were `reportingLag` seconds before. */
  readAt(time: number): SessionReading {
    const ended = time >= this.endsAt;
    const { participants, activeParticipants, lastActive, bandwidthIn, bandwidthOut } =
      time >= this.settlesAt
        ? this.#settle()
        : {
            ...this.actualVolumeAt(time - this.outline.reportingLag),
            ...attendanceAt(this.life, Math.min(time, this.endsAt)),
          };
    return {
      sessionId: this.id,
      roomName: this.roomName,
      createdAt: this.startsAt,
      lastActive: Math.max(this.startsAt, lastActive),
      endedAt: ended ? this.endsAt : 0,
      bandwidthIn,
      bandwidthOut,
      egress: this.egressAt(time),
      participants,
      activeParticipants: ended ? 0 : activeParticipants,
    };
  }

  /** The bytes that have really moved at a time; what is reported arrives there in the end. */
  actualVolumeAt(time: number): Volume {
    if (time >= this.settlesAt) return this.#settle();
    return volumeAt(this.life, Math.min(time, this.endsAt));
  }

  egressAt(time: number): EgressState {
    const { egress } = this.outline;
    if (egress === undefined || time < egress.from || egress.from >= this.endsAt) return 0;
    return time < Math.min(egress.until, this.endsAt) ? 1 : 2;
  }

  #settle(): Settled {
    this.#settled ??= { ...volumeAt(this.life, this.endsAt), ...attendanceAt(this.life, this.endsAt) };
    this.#life = undefined;
    return this.#settled;
  }
}
