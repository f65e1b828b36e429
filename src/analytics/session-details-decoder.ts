// Turns the answer for one session, in any spelling of the wire format, into session details. A participant that cannot be
// used is left out with its reason. Identities and names end here: nothing that is returned or thrown holds one.
import type { RejectionReason } from '../core/session-row.ts';
import type {
  Connection,
  ParticipantDetails,
  PublishedSource,
  SessionDetails,
} from '../core/session-details.ts';
import { SourceError } from '../core/source-error.ts';
import { decodeTimestamp } from './timestamp.ts';
import { decodeWholeNumber } from './whole-number.ts';
import type { connectionFields, detailsFields, participantFields, sourceFields } from './wire.ts';

/** How far after the time of the answer a timestamp may lie, in seconds: clocks differ, but not by a day. */
const furthestFuture = 86_400;
/** In UTF-16 code units. */
const longestText = 256;

const participantsPerYield = 32;

/** An object of the wire, whose fields are spelled either way; one with both counts in camelCase, unless it is null there. */
type Wire<Fields extends Readonly<Record<string, string>>> = {
  readonly [Field in keyof Fields | Fields[keyof Fields]]?: unknown;
};

export interface DecodedDetails {
  readonly details: SessionDetails;
  /** Of participants and connections that could not be used. */
  readonly rejected: readonly RejectionReason[];
}

/**
 * The details as JSON.parse returned them; can be interrupted. `now` in Unix seconds. Throws a SourceError of reason
 * `schema` when the body is not an answer for a session at all.
 */
export function* decodeDetails(body: unknown, now: number): Generator<void, DecodedDetails> {
  if (!isObject(body)) throw notDetails('something else than an object');
  const wire: Wire<typeof detailsFields> = body;
  const listed = wire.participants ?? [];
  if (!Array.isArray(listed)) throw notDetails('"participants" as something else than an array');
  const isAnswer = ['roomId', 'room_id', 'startTime', 'start_time', 'participants'].some(
    (key) => key in body,
  );
  if (!isAnswer) throw notDetails('an object with neither "roomId" nor "participants"');

  const latest = now + furthestFuture;
  const endedAt = decodeTimestamp(wire.endTime ?? wire.end_time);
  const bandwidth = decodeWholeNumber(wire.bandwidth);
  if (endedAt === undefined || endedAt > latest) throw notDetails('"endTime" that is no time');
  if (!(bandwidth >= 0)) throw notDetails('"bandwidth" that is no number of bytes');

  const people = new People(latest);
  let steps = 0;
  for (const participant of listed as readonly unknown[]) {
    people.add(participant);
    if (++steps % participantsPerYield === 0) yield;
  }
  const { unusable, rejected } = people;
  return {
    details: { endedAt, billableBandwidth: bandwidth, participants: people.participants(), unusable },
    rejected,
  };
}

/** The participants of one answer. One that is listed twice is one, and a connection that is listed twice is one. */
class People {
  /** Why participants and connections could not be used. */
  readonly rejected: RejectionReason[] = [];
  /** Participants that could not be used. */
  unusable = 0;
  readonly #latest: number;
  /** By identity; without one each is another. */
  readonly #known = new Map<string, Person>();
  readonly #nameless: Person[] = [];

  constructor(latest: number) {
    this.#latest = latest;
  }

  add(value: unknown): void {
    const reason = this.#take(value);
    if (reason === undefined) return;
    this.unusable += 1;
    this.rejected.push(reason);
  }

  /** Why the participant cannot be used; undefined when it can. */
  #take(value: unknown): RejectionReason | undefined {
    if (!isObject(value)) return 'not_an_object';
    const wire: Wire<typeof participantFields> = value;
    const joinedAt = this.#time(wire.joinedAt ?? wire.joined_at);
    const leftAt = this.#time(wire.leftAt ?? wire.left_at);
    if (typeof joinedAt === 'string') return joinedAt;
    if (typeof leftAt === 'string') return leftAt;
    const connections = this.#connections(wire.sessions, { joinedAt, leftAt });
    const [first] = connections;
    if (!first) return 'invalid_timestamp';

    const identity = wire.participantIdentity ?? wire.participant_identity;
    const person = this.#person(typeof identity === 'string' ? identity : '');
    person.joinedAt = Math.min(person.joinedAt, joinedAt || first.joinedAt);
    person.leftAt = Math.max(person.leftAt, leftAt);
    for (const { key, ...connection } of connections) {
      const known = person.connections.get(key);
      // Of two readings of one connection the one that knows its end is the newer one.
      if (!known || known.leftAt === 0) person.connections.set(key, connection);
    }
    for (const source of sourcesOf(wire.publishedSources ?? wire.published_sources))
      person.sources.add(source);
    person.region ??= textOf(wire.region);
    person.connectionType ??= textOf(wire.connectionType ?? wire.connection_type);
    person.sdk ??= textOf(wire.sdkVersion ?? wire.sdk_version);
    return undefined;
  }

  participants(): ParticipantDetails[] {
    return [...this.#known.values(), ...this.#nameless].map((person) => {
      const connections = [...person.connections.values()].sort((a, b) => a.joinedAt - b.joinedAt);
      const isConnected = connections.some(({ leftAt }) => leftAt === 0);
      const lastLeft = connections.reduce((last, { leftAt }) => Math.max(last, leftAt), person.leftAt);
      return {
        joinedAt: person.joinedAt,
        leftAt: isConnected ? 0 : lastLeft,
        connections,
        sources: [...person.sources],
        region: person.region,
        connectionType: person.connectionType,
        sdk: person.sdk,
      };
    });
  }

  #person(identity: string): Person {
    const known = identity === '' ? undefined : this.#known.get(identity);
    if (known) return known;
    const person: Person = {
      joinedAt: Infinity,
      leftAt: 0,
      connections: new Map(),
      sources: new Set(),
      region: undefined,
      connectionType: undefined,
      sdk: undefined,
    };
    if (identity === '') this.#nameless.push(person);
    else this.#known.set(identity, person);
    return person;
  }

  /** The connections that are listed; a participant without any had one, for as long as it was there. */
  #connections(listed: unknown, { joinedAt, leftAt }: Connection): (Connection & { key: string })[] {
    const connections: (Connection & { key: string })[] = [];
    const values = Array.isArray(listed) ? (listed as readonly unknown[]) : [];
    for (const value of values) {
      const connection = this.#connection(value);
      if (typeof connection === 'string') this.rejected.push(connection);
      else connections.push(connection);
    }
    if (values.length === 0 && joinedAt > 0) return [{ joinedAt, leftAt, key: String(joinedAt) }];
    // An answer that gives the participant's end alone means the end of the last connection.
    const last = connections.reduce<Connection | undefined>(
      (latest, connection) => (latest && latest.joinedAt > connection.joinedAt ? latest : connection),
      undefined,
    );
    return connections.map((connection) =>
      connection === last && connection.leftAt === 0 && leftAt >= connection.joinedAt
        ? { ...connection, leftAt }
        : connection,
    );
  }

  #connection(value: unknown): (Connection & { key: string }) | RejectionReason {
    if (!isObject(value)) return 'not_an_object';
    const wire: Wire<typeof connectionFields> = value;
    const joinedAt = this.#time(wire.joinedAt ?? wire.joined_at);
    const leftAt = this.#time(wire.leftAt ?? wire.left_at);
    if (typeof joinedAt === 'string') return joinedAt;
    if (typeof leftAt === 'string') return leftAt;
    if (joinedAt === 0) return 'invalid_timestamp';
    const id = wire.sessionId ?? wire.session_id;
    return { joinedAt, leftAt, key: `${String(joinedAt)} ${typeof id === 'string' ? id : ''}` };
  }

  /** 0 for no time. */
  #time(value: unknown): number | RejectionReason {
    const time = decodeTimestamp(value);
    if (time === undefined) return 'invalid_timestamp';
    return time > this.#latest ? 'future_timestamp' : time;
  }
}

interface Person {
  joinedAt: number;
  leftAt: number;
  readonly connections: Map<string, Connection>;
  readonly sources: Set<PublishedSource>;
  region: string | undefined;
  connectionType: string | undefined;
  sdk: string | undefined;
}

function sourcesOf(value: unknown): PublishedSource[] {
  if (!isObject(value)) return [];
  const wire: Wire<typeof sourceFields> = value;
  const published: PublishedSource[] = [];
  if (isTrue(wire.cameraTrack ?? wire.camera_track)) published.push('camera');
  if (isTrue(wire.microphoneTrack ?? wire.microphone_track)) published.push('microphone');
  if (isTrue(wire.screenShareTrack ?? wire.screen_share_track)) published.push('screen_share');
  if (isTrue(wire.screenShareAudio ?? wire.screen_share_audio)) published.push('screen_share_audio');
  return published;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === 1;
}

/** A text that can be a label's value. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > longestText) return undefined;
  return value.toWellFormed();
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notDetails(came: string): SourceError {
  return new SourceError(
    'schema',
    `the answer does not hold the details of a session: it is ${came}`,
    'check that api.url is the address of the Analytics API; if it is, its format changed: look for a newer exporter',
  );
}
