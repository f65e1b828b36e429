// A simulated cloud to which a test adds sessions whose every number it dictates, and of which it knows the truth.
import { SimulatedCloud } from '../../src/simulator/cloud.ts';
import type {
  Participant,
  ParticipantKind,
  PublishedSources,
} from '../../src/simulator/simulated-session.ts';
import { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import { truthOf, type ProjectTruth, type TruthOptions } from './truth.ts';

export interface Stay {
  /** Unix seconds. */
  readonly joinedAt: number;
  /** Absent: until the session ends. */
  readonly leftAt?: number;
  /** Stays of the same participant after this one: it reconnects. */
  readonly then?: readonly Pick<Stay, 'joinedAt' | 'leftAt'>[];
  readonly kind?: ParticipantKind;
  /** What the participant publishes. Default: camera and microphone. */
  readonly sources?: Partial<PublishedSources>;
}

export interface SessionScript {
  /** Default: `RM_scripted` and a number. */
  readonly id?: string;
  readonly roomName: string;
  /** Unix seconds; in the future: the session appears when the clock gets there. */
  readonly startsAt: number;
  /** Absent: it runs until it is ended. */
  readonly endsAt?: number;
  /** Bytes per second over the whole session. Default 0. */
  readonly inRate?: number;
  readonly outRate?: number;
  /** How many are there from start to end (0 too), or when each of them comes and goes. Default 2. */
  readonly participants?: number | readonly Stay[];
  /** When the egress starts and ends; without `until` it ends with the session. */
  readonly egress?: { readonly from: number; readonly until?: number };
  /** Seconds by which reported volumes are behind. Default 0: what is reported is the truth. */
  readonly reportingLag?: number;
}

export class ScriptedCloud extends SimulatedCloud {
  #scripted = 0;
  #loadEndedAt = Infinity;

  /** Adds a session and answers its id. */
  addSession(script: SessionScript): string {
    const id = script.id ?? `RM_scripted${String(++this.#scripted).padStart(4, '0')}`;
    if (this.session(id)) throw new Error(`There is a session ${id} already.`);
    this.add([scriptedSession(script, id)]);
    return id;
  }

  /** Ends a session at a time (Unix seconds), whatever end it had. */
  endSession(id: string, at: number): void {
    const session = this.session(id);
    if (!session) throw new Error(`There is no session ${id}.`);
    session.endsAt = at;
  }

  /** Ends every session that runs at a time (Unix seconds); no random one starts any more. */
  endLoad(at: number): void {
    this.advanceTo(at);
    this.#loadEndedAt = at;
    const started = this.sessions.slice(0, this.countUntil(at));
    for (const session of started) if (session.endsAt > at) session.endsAt = at;
  }

  override advanceTo(now: number): void {
    super.advanceTo(Math.min(now, this.#loadEndedAt));
  }

  /** What the API says at a time and what is true, of the sessions that can be listed then. */
  truth(now: number, options: TruthOptions = {}): ProjectTruth {
    return truthOf(this, now, options);
  }
}

function scriptedSession(script: SessionScript, id: string): SimulatedSession {
  const { startsAt, endsAt = Infinity, inRate = 0, outRate = 0, participants = 2 } = script;
  return new SimulatedSession({
    id,
    roomName: script.roomName,
    startsAt,
    endsAt,
    reportingLag: script.reportingLag ?? 0,
    egress: script.egress && { from: script.egress.from, until: script.egress.until ?? Infinity },
    drawLife: () => ({
      participants: staysOf(participants, startsAt).map(participantOf),
      flows: [{ from: startsAt, until: Infinity, inRate, outRate }],
    }),
  });
}

function staysOf(participants: number | readonly Stay[], startsAt: number): readonly Stay[] {
  if (typeof participants !== 'number') return participants;
  return Array.from({ length: participants }, () => ({ joinedAt: startsAt }));
}

const noSources: PublishedSources = {
  cameraTrack: false,
  microphoneTrack: false,
  screenShareTrack: false,
  screenShareAudio: false,
};

function participantOf(stay: Stay, index: number): Participant {
  const { then = [], kind = {}, sources = { cameraTrack: true, microphoneTrack: true } } = stay;
  return {
    identity: `participant-${index + 1}`,
    name: `Participant ${index + 1}`,
    kind,
    sources: { ...noSources, ...sources },
    connections: [stay, ...then].map(({ joinedAt, leftAt = Infinity }) => ({ joinedAt, leftAt })),
  };
}
