// When and where the incidents of a run happen: each has hours of its own, so that it is clear what an alert is about.
import { Random } from '../../src/simulator/random.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import {
  incidentKinds,
  type Effect,
  type ExtraSession,
  type IncidentKind,
  type Trouble,
} from './incidents.ts';
import { isNamed, scrapeInterval } from './publishing.ts';

export interface Incident {
  readonly kind: IncidentKind;
  /** Unix seconds. */
  readonly from: number;
  readonly until: number;
  readonly room?: string;
  readonly effect?: Effect;
  readonly session?: ExtraSession;
  readonly trouble?: Trouble;
}

/** Participants a room needs so that its change passes the floors, in people and in bytes. */
const leastPeopleOfRoom = 60;
/** Participants of the project in its quiet hours are below the floors: there nothing is injected. */
const firstHour = 8;
const lastHour = 20;

/** Between the end of one incident and the start of the next, seconds: what one does to the load is over by then. */
const pause = 45 * 60;

export interface JudgedTime {
  /** Unix seconds. */
  readonly from: number;
  readonly until: number;
  /** Bytes a second that the project usually receives. */
  readonly usualOut: number;
}

/** The incidents of a time; the same for the same seed. */
export function drawIncidents(
  seed: number,
  sessions: readonly SimulatedSession[],
  { from, until, usualOut }: JudgedTime,
): Incident[] {
  const random = new Random(seed, 0x1c1de27);
  const named = sessions.filter(({ roomName, endsAt }) => isNamed(roomName) && endsAt > from);
  const incidents: Incident[] = [];
  // The choosy ones first: a settled room is not there at every hour.
  const kinds = [...incidentKinds].sort((a, b) => b.where.localeCompare(a.where));
  for (const kind of kinds) {
    for (let count = 0; count < kind.count; count++) {
      const incident = draw(random, kind, named, {
        from: from + (kind.notInDays ?? 0) * 86_400,
        until,
        usualOut,
        taken: incidents.filter(isShort),
      });
      if (incident) incidents.push(incident);
    }
  }
  return incidents;
}

/** Long ones change one room only, and run beside others. */
function isShort({ from, until }: Incident): boolean {
  return until - from < 2 * 3600;
}

interface FreeTime extends JudgedTime {
  readonly taken: readonly Incident[];
}

/** Undefined where no room suits: not every week has a large one that goes on for long enough. */
function draw(
  random: Random,
  kind: IncidentKind,
  sessions: readonly SimulatedSession[],
  { from: earliest, until: latest, usualOut, taken }: FreeTime,
): Incident | undefined {
  const seconds = Math.round(random.between(...kind.minutes)) * 60;
  const strength = random.between(...kind.strength);
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const from =
      Math.round(random.between(earliest, latest - seconds - pause) / scrapeInterval) * scrapeInterval;
    const until = from + seconds;
    const hour = Math.floor(from / 3600) % 24;
    if (kind.where !== 'exporter' && (hour < firstHour || hour >= lastHour)) continue;
    const incident = { kind, from, until };
    if (isShort(incident) && taken.some((other) => from < other.until + pause && other.from < until + pause))
      continue;
    if (kind.trouble) return { ...incident, trouble: kind.trouble(strength) };
    if (kind.session) {
      return {
        ...incident,
        room: `injected-${random.text(8, 'abcdefgh')}`,
        session: kind.session(strength, usualOut),
      };
    }
    if (kind.where === 'project') return { ...incident, effect: kind.effect(strength) };
    const room = settledRoom(random, sessions, from, until);
    if (room !== undefined) return { ...incident, room, effect: kind.effect(strength) };
  }
  return undefined;
}

/** A large room whose one session has run for a while and goes on for longer than the incident. */
function settledRoom(
  random: Random,
  sessions: readonly SimulatedSession[],
  from: number,
  until: number,
): string | undefined {
  const candidates = sessions.filter(
    (session) =>
      session.startsAt < from - 3600 &&
      session.endsAt > until + 900 &&
      session.readAt(from).activeParticipants >= leastPeopleOfRoom &&
      session.readAt(until).activeParticipants >= leastPeopleOfRoom &&
      !sessions.some(
        (other) =>
          other !== session &&
          other.roomName === session.roomName &&
          other.startsAt < until + 1200 &&
          other.endsAt > from - 3600,
      ),
  );
  return candidates.length === 0 ? undefined : random.pick(candidates).roomName;
}
