// A session whose every number a test dictates: constant rates between a start and an end.
import { requireNumber, requireText, requireWhole, SimulatorOptionError } from './option-error.ts';
import type { Participant, ParticipantKind, PublishedSources } from './session-life.ts';
import { SimulatedSession } from './simulated-session.ts';

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

const latest = 253_402_300_799;

/** Throws a SimulatorOptionError for a script that cannot be. */
export function scriptedSession(script: SessionScript, defaultId: string): SimulatedSession {
  const id = requireText('id', script.id ?? defaultId);
  const startsAt = requireNumber('startsAt', script.startsAt, 0, latest);
  const endsAt = script.endsAt ?? Infinity;
  if (!(endsAt >= startsAt))
    throw new SimulatorOptionError('endsAt', `${endsAt} is before startsAt ${startsAt}`);
  const inRate = requireNumber('inRate', script.inRate ?? 0, 0, Number.MAX_VALUE);
  const outRate = requireNumber('outRate', script.outRate ?? 0, 0, Number.MAX_VALUE);
  const { participants = 2 } = script;
  requireParticipants(participants);
  return new SimulatedSession({
    id,
    roomName: script.roomName,
    startsAt,
    endsAt,
    reportingLag: requireNumber('reportingLag', script.reportingLag ?? 0, 0, 86_400),
    egress: script.egress && { from: script.egress.from, until: script.egress.until ?? Infinity },
    drawLife: () => ({
      participants: staysOf(participants, startsAt).map(participantOf),
      flows: [{ from: startsAt, until: Infinity, inRate, outRate }],
    }),
  });
}

function requireParticipants(participants: number | readonly Stay[]): void {
  if (typeof participants === 'number') {
    requireWhole('participants', participants, 0, 100_000);
    return;
  }
  for (const { joinedAt, leftAt = Infinity } of participants.flatMap((stay) => [
    stay,
    ...(stay.then ?? []),
  ])) {
    if (leftAt >= joinedAt) continue;
    throw new SimulatorOptionError('participants', `leftAt ${leftAt} is before joinedAt ${joinedAt}`);
  }
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
