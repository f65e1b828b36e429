// What is true of one project at each scrape: its load with the incidents in it. Knows no metric.
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import { isNamed } from './publishing.ts';
import type { Incident } from './schedule.ts';

export interface RoomNow {
  people: number;
  /** Bytes since the start of the world. */
  bytesIn: number;
  bytesOut: number;
  egress: boolean;
  sessions: number;
  /** Of the oldest session, Unix seconds; undefined when none is active. */
  start: number | undefined;
  /** Unix seconds. */
  lastActive: number;
}

export interface ProjectNow {
  readonly people: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Since the start of the world. */
  readonly egressesEnded: number;
  /** Those that are published one by one. */
  readonly rooms: ReadonlyMap<string, RoomNow>;
}

/** `rooms.linger`, seconds. */
const linger = 600;

interface Counted {
  bytesIn: number;
  bytesOut: number;
  egress: boolean;
}

export class World {
  readonly #sessions: readonly SimulatedSession[];
  readonly #incidents: readonly Incident[];
  readonly #counted = new Map<SimulatedSession, Counted>();
  readonly #rooms = new Map<string, RoomNow>();
  #next = 0;
  #last: number | undefined;
  #bytesIn = 0;
  #bytesOut = 0;
  #egressesEnded = 0;

  /** Sessions in order of their start. */
  constructor(sessions: readonly SimulatedSession[], incidents: readonly Incident[]) {
    this.#sessions = sessions;
    this.#incidents = incidents;
  }

  /** Times come in order. */
  at(now: number): ProjectNow {
    for (let session = this.#sessions[this.#next]; session && session.startsAt <= now;) {
      // What moved before the world began is not counted.
      const before = this.#last === undefined ? session.readAt(now) : { bandwidthIn: 0, bandwidthOut: 0 };
      this.#counted.set(session, {
        bytesIn: before.bandwidthIn,
        bytesOut: before.bandwidthOut,
        egress: false,
      });
      session = this.#sessions[++this.#next];
    }
    const current = this.#incidents.filter(({ from, until }) => from <= now && now < until);
    for (const room of this.#rooms.values())
      Object.assign(room, { people: 0, egress: false, sessions: 0, start: undefined });

    let people = 0;
    for (const [session, counted] of this.#counted) {
      const reading = session.readAt(now);
      const name = session.roomName;
      let [forPeople, forIn, forOut] = [1, 1, 1];
      for (const { effect, room } of current) {
        if (!effect || (room !== undefined && room !== name)) continue;
        forPeople *= effect.people ?? 1;
        forIn *= effect.bytesIn ?? 1;
        forOut *= effect.bytesOut ?? 1;
      }
      const present = Math.round(reading.activeParticipants * forPeople);
      const grownIn = (reading.bandwidthIn - counted.bytesIn) * forIn;
      const grownOut = (reading.bandwidthOut - counted.bytesOut) * forOut;
      counted.bytesIn = reading.bandwidthIn;
      counted.bytesOut = reading.bandwidthOut;
      if (counted.egress && reading.egress !== 1) this.#egressesEnded++;
      counted.egress = reading.egress === 1;
      if (now > session.settlesAt) this.#counted.delete(session);
      people += present;
      this.#bytesIn += grownIn;
      this.#bytesOut += grownOut;
      if (!isNamed(name)) continue;
      const room = this.#room(name);
      room.bytesIn += grownIn;
      room.bytesOut += grownOut;
      // People of a room who are all but gone leave one behind: the session goes on.
      if (reading.activeParticipants > 0) {
        occupy(room, {
          now,
          start: session.startsAt,
          people: Math.max(1, present),
          egress: reading.egress === 1,
        });
      }
    }
    const seconds = this.#last === undefined ? 0 : now - this.#last;
    for (const { session, room: name, from } of current) {
      if (!session || name === undefined) continue;
      const room = this.#room(name);
      room.bytesIn += session.inRate * seconds;
      room.bytesOut += session.outRate * seconds;
      this.#bytesIn += session.inRate * seconds;
      this.#bytesOut += session.outRate * seconds;
      people += Math.round(session.people);
      occupy(room, { now, start: from, people: Math.round(session.people), egress: session.egress === true });
    }
    for (const [name, room] of this.#rooms) if (now - room.lastActive > linger) this.#rooms.delete(name);
    this.#last = now;
    return {
      people,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      egressesEnded: this.#egressesEnded,
      rooms: this.#rooms,
    };
  }

  #room(name: string): RoomNow {
    let room = this.#rooms.get(name);
    if (!room) {
      room = {
        people: 0,
        bytesIn: 0,
        bytesOut: 0,
        egress: false,
        sessions: 0,
        start: undefined,
        lastActive: this.#last ?? 0,
      };
      this.#rooms.set(name, room);
    }
    return room;
  }
}

function occupy(
  room: RoomNow,
  { now, start, people, egress }: { now: number; start: number; people: number; egress: boolean },
): void {
  room.people += people;
  room.sessions++;
  room.egress ||= egress;
  room.start = Math.min(room.start ?? start, start);
  room.lastActive = now;
}
