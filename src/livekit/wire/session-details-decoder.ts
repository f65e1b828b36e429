// Turns the answer for one session, in any spelling of the wire format, into session details. What cannot be used of it is
// left out with its reason. Identities and names end here: nothing that is returned or thrown holds one.
import type { Connection, ParticipantDetails, PublishedSource } from '../../core/session-details.ts';
import type { RejectionReason } from '../../core/session-row.ts';
import { SourceError } from '../../core/source-error.ts';
import { reportsError } from './session-row-decoder.ts';
import { decodeTimestamp, furthestFuture } from './timestamp.ts';
import { decodeWholeNumber } from './values.ts';
import { isObject, type WireObject } from './wire.ts';

/** In UTF-16 code units: what labels are made of. */
const longestText = 256;

const participantsPerYield = 32;

/**
 * The details as JSON.parse returned them; can be interrupted. `now` in Unix seconds. Throws a SourceError of reason
 * `schema` when the body is not an answer for a session at all.
 */
export function* decodeDetails(wire: unknown, now: number) {
  if (!isObject(wire)) throw notDetails('something else than an object');
  if (reportsError(wire)) throw notDetails('an error');
  const listed = wire.participants ?? [];
  if (!Array.isArray(listed)) throw notDetails('"participants" as something else than an array');
  const isAnswer = ['roomId', 'room_id', 'startTime', 'start_time', 'participants'].some((key) =>
    Object.hasOwn(wire, key),
  );
  if (!isAnswer) throw notDetails('an object with neither "roomId" nor "participants"');

  const latest = now + furthestFuture;
  const endedAt = decodeTimestamp(wire.endTime ?? wire.end_time);
  if (endedAt === undefined || endedAt > latest) throw notDetails('an "endTime" that is no time');
  const wireBandwidth = wire.bandwidth ?? undefined;
  const billableBandwidth = wireBandwidth === undefined ? undefined : decodeWholeNumber(wireBandwidth);
  if (billableBandwidth !== undefined && !(billableBandwidth >= 0))
    throw notDetails('a "bandwidth" that is no number of bytes');

  const people = new People(latest);
  const { rejected } = people;
  let unusable = 0;
  let steps = 0;
  for (const participant of listed as readonly unknown[]) {
    const reason = people.add(participant);
    if (reason !== undefined) {
      unusable += 1;
      rejected.push(reason);
    }
    if (++steps % participantsPerYield === 0) yield;
  }
  const numParticipants = decodeWholeNumber(wire.numParticipants ?? wire.num_participants);
  return {
    details: {
      endedAt,
      billableBandwidth,
      participants: yield* people.participants(),
      unusable,
      numParticipants: numParticipants > 0 ? numParticipants : 0,
    },
    rejected,
  };
}

function notDetails(came: string): SourceError {
  return new SourceError(
    'schema',
    `the answer does not hold the details of a session: it has ${came}`,
    'check that api.url is the address of the Analytics API',
  );
}

/** What of a participant or a connection says of what kind a connection is. */
type Kinds = Pick<Connection, 'region' | 'connectionType' | 'sdk'>;

interface NamedConnection {
  /** Empty when the answer gives none. */
  readonly id: string;
  readonly connection: { -readonly [Name in keyof Connection]: Connection[Name] };
}

interface Person {
  joinedAt: number;
  leftAt: number;
  /** By when they began and their ids. */
  readonly connections: Map<string, Connection>;
  readonly sources: Set<PublishedSource>;
}

/**
 * The participants of one session. One that is listed twice is one, and so is a connection: they are told apart by identities,
 * which never leave this file.
 */
class People {
  /** Why participants and connections could not be used. */
  readonly rejected: RejectionReason[] = [];
  /** Times after this one (Unix seconds) are none. */
  readonly #latest: number;
  /** By identity, or by what else tells them apart. */
  readonly #known = new Map<string, Person>();
  #nameless = 0;

  constructor(latest: number) {
    this.#latest = latest;
  }

  /** Returns why the participant cannot be used; undefined when it can. */
  add(wire: unknown): RejectionReason | undefined {
    if (!isObject(wire)) return 'not_an_object';
    const joinedAt = this.#time(wire.joinedAt ?? wire.joined_at);
    const leftAt = this.#time(wire.leftAt ?? wire.left_at);
    if (typeof joinedAt === 'string') return joinedAt;
    if (typeof leftAt === 'string') return leftAt;
    const kinds = kindsOf(wire);
    const listed = Array.isArray(wire.sessions) ? (wire.sessions as readonly unknown[]) : [];
    // A participant without connections had one, for as long as it was there.
    const connections =
      listed.length === 0 && joinedAt > 0
        ? [{ id: '', connection: { joinedAt, leftAt, ...kinds } }]
        : this.#connections(listed, leftAt, kinds);
    const [first] = connections;
    if (!first) return 'invalid_timestamp';

    const identity = wire.participantIdentity ?? wire.participant_identity;
    // The id of the room's session is that of everybody in it.
    const isOwn = first.id !== (wire.roomId ?? wire.room_id);
    const person = this.#person(typeof identity === 'string' ? identity : '', isOwn ? first.id : '');
    person.joinedAt = Math.min(person.joinedAt, joinedAt || first.connection.joinedAt);
    person.leftAt = Math.max(person.leftAt, leftAt);
    for (const { id, connection } of connections) {
      const key = `${String(connection.joinedAt)} ${id}`;
      const known = person.connections.get(key);
      // Of two readings of one connection the one that knows its end is the newer one.
      if (!known || known.leftAt === 0) person.connections.set(key, connection);
    }
    for (const source of sourcesOf(wire.publishedSources ?? wire.published_sources))
      person.sources.add(source);
    return undefined;
  }

  /** All that were added; can be interrupted. */
  *participants(): Generator<void, ParticipantDetails[]> {
    const participants: ParticipantDetails[] = [];
    for (const person of this.#known.values()) {
      participants.push(participantOf(person));
      if (participants.length % participantsPerYield === 0) yield;
    }
    return participants;
  }

  /** By its identity, or else by its first connection; without both each participant is another. */
  #person(identity: string, connectionId: string): Person {
    const key =
      identity !== '' ? `identity ${identity}` : `connection ${connectionId || String(this.#nameless++)}`;
    let person = this.#known.get(key);
    if (!person) {
      person = { joinedAt: Infinity, leftAt: 0, connections: new Map(), sources: new Set() };
      this.#known.set(key, person);
    }
    return person;
  }

  #connections(listed: readonly unknown[], participantLeft: number, kinds: Kinds): NamedConnection[] {
    const connections: NamedConnection[] = [];
    for (const value of listed) {
      const connection = this.#connection(value, kinds);
      if (typeof connection === 'string') this.rejected.push(connection);
      else connections.push(connection);
    }
    connections.sort((a, b) => a.connection.joinedAt - b.connection.joinedAt);
    // An answer that gives the participant's end alone means the end of the last connection.
    const last = connections.at(-1)?.connection;
    if (last?.leftAt === 0 && participantLeft >= last.joinedAt) last.leftAt = participantLeft;
    return connections;
  }

  #connection(wire: unknown, kinds: Kinds): NamedConnection | RejectionReason {
    if (!isObject(wire)) return 'not_an_object';
    const joinedAt = this.#time(wire.joinedAt ?? wire.joined_at);
    const leftAt = this.#time(wire.leftAt ?? wire.left_at);
    if (typeof joinedAt === 'string') return joinedAt;
    if (typeof leftAt === 'string') return leftAt;
    if (joinedAt === 0) return 'invalid_timestamp';
    const own = kindsOf(wire);
    const connection = {
      joinedAt,
      leftAt,
      region: own.region ?? kinds.region,
      connectionType: own.connectionType ?? kinds.connectionType,
      sdk: own.sdk ?? kinds.sdk,
    };
    const id =
      textOf(wire.sessionId ?? wire.session_id) ??
      textOf(wire.participantSessionId ?? wire.participant_session_id) ??
      textOf(wire.participantId ?? wire.participant_id);
    return { id: id ?? '', connection };
  }

  /** 0 for no time. */
  #time(value: unknown): number | RejectionReason {
    const time = decodeTimestamp(value);
    if (time === undefined) return 'invalid_timestamp';
    return time > this.#latest ? 'future_timestamp' : time;
  }
}

function participantOf({ joinedAt, leftAt, connections, sources }: Person): ParticipantDetails {
  const sorted = [...connections.values()].sort((a, b) => a.joinedAt - b.joinedAt);
  const isConnected = sorted.some((connection) => connection.leftAt === 0);
  const lastLeft = sorted.reduce((last, connection) => Math.max(last, connection.leftAt), leftAt);
  return { joinedAt, leftAt: isConnected ? 0 : lastLeft, connections: sorted, sources: [...sources] };
}

function kindsOf(wire: WireObject): Kinds {
  return {
    region: textOf(wire.region),
    // Clients of the API have seen `udp` and `UDP`.
    connectionType: textOf(wire.connectionType ?? wire.connection_type)?.toLowerCase(),
    sdk: textOf(wire.sdkVersion ?? wire.sdk_version),
  };
}

function sourcesOf(wire: unknown): PublishedSource[] {
  if (!isObject(wire)) return [];
  const published: PublishedSource[] = [];
  if (isTrue(wire.cameraTrack ?? wire.camera_track)) published.push('camera');
  if (isTrue(wire.microphoneTrack ?? wire.microphone_track)) published.push('microphone');
  if (isTrue(wire.screenShareTrack ?? wire.screen_share_track)) published.push('screen_share');
  if (isTrue(wire.screenShareAudio ?? wire.screen_share_audio)) published.push('screen_share_audio');
  return published;
}

/** As other JSON writers spell it, too. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === 1;
}

/** Undefined for what is no text, empty, or longer than any that is meant to be one. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > longestText) return undefined;
  return value.toWellFormed();
}
