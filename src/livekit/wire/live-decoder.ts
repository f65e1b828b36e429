// Turns answers of LiveKit's server API (RoomService ListRooms, Egress ListEgress) into rooms and egresses. Reads
// named fields only: metadata, passwords, and requests with their storage and stream keys are never kept or quoted.
import {
  type EgressStatus,
  endedStatuses,
  type LiveEgress,
  type LiveRoom,
  runningStatuses,
} from '../../core/live.ts';
import type { RejectionReason } from '../../core/session-row.ts';
import { SourceError } from '../../core/source-error.ts';
import { quotation } from '../../lib/text.ts';
import { errorWords, longestId, longestRoomName, reportsError } from './session-row-decoder.ts';
import { jsonElements } from './json-elements.ts';
import { decodeWholeNumber } from './values.ts';
import { isObject } from './wire.ts';

const nanosecondsPerSecond = 1e9;

/** Decodes an answer of ListRooms. Throws a SourceError of reason `schema` when it is none; quotes no secret. */
export function* decodeRooms(text: string, secrets: readonly string[]) {
  const { decoded, rejected } = yield* decodeList(text, 'rooms', secrets, decodeRoom);
  return { rooms: decoded, rejected };
}

/** The same of a page of ListEgress; `nextPageToken` asks for the next one and is empty on the last. */
export function* decodeEgresses(text: string, secrets: readonly string[]) {
  const { decoded, rejected, rest } = yield* decodeList(text, 'items', secrets, decodeEgress);
  const { next_page_token: snake, nextPageToken: camel } = rest;
  return { egresses: decoded, rejected, nextPageToken: tokenOf(camel ?? snake) };
}

/** In Protobuf the token is a message with one string; some answers contain the string itself. */
function tokenOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return isObject(value) && typeof value.token === 'string' ? value.token : '';
}

/** Decodes each element of the list `name`; `rest` is the answer without them. */
function* decodeList<Element extends object>(
  text: string,
  name: string,
  secrets: readonly string[],
  decode: (element: unknown) => Element | RejectionReason,
) {
  const decoded: Element[] = [];
  const rejected: RejectionReason[] = [];
  const rest = yield* jsonElements(text, name, (wire) => {
    const element = decode(wire);
    if (typeof element === 'string') rejected.push(element);
    else decoded.push(element);
  });
  if (!isObject(rest)) throw notAList(name, 'no object');
  const list = rest[name] ?? [];
  if (!Array.isArray(list)) throw notAList(name, `"${name}" that is no list`);
  // Protobuf's JSON omits empty lists; an answer that reports an error is no empty list.
  const words = quotation(errorWords(rest), secrets);
  if (name in rest && reportsError(rest)) throw notAList(name, `a list beside an error: ${words}`);
  if (!(name in rest) && words !== '') throw notAList(name, `an object without it: ${words}`);
  return { decoded, rejected, rest };
}

function notAList(name: string, came: string): SourceError {
  return new SourceError(
    'schema',
    `the answer is not one of LiveKit's server API: expected an object with a list "${name}", got ${came}`,
    "check that url is the project's address, as in wss://NAME.livekit.cloud",
  );
}

function decodeRoom(wire: unknown): LiveRoom | RejectionReason {
  if (!isObject(wire)) return 'not_an_object';
  const { sid } = wire;
  // Protobuf's JSON omits an empty name.
  const name = wire.name ?? '';
  if (!isId(sid)) return 'invalid_session_id';
  if (typeof name !== 'string' || name.length > longestRoomName) return 'invalid_room_name';
  const participants = decodeWholeNumber(wire.numParticipants ?? wire.num_participants);
  const publishers = decodeWholeNumber(wire.numPublishers ?? wire.num_publishers);
  if (!(participants >= 0 && publishers >= 0))
    return participants < 0 || publishers < 0 ? 'negative_number' : 'invalid_number';
  const isRecorded = (wire.activeRecording ?? wire.active_recording) === true;
  return { sessionId: sid, name: name.toWellFormed(), participants, publishers, isRecorded };
}

function decodeEgress(wire: unknown): LiveEgress | RejectionReason {
  if (!isObject(wire)) return 'not_an_object';
  const egressId = wire.egressId ?? wire.egress_id;
  if (!isId(egressId)) return 'invalid_egress';
  const startedAt = decodeWholeNumber(wire.startedAt ?? wire.started_at) / nanosecondsPerSecond;
  const endedAt = decodeWholeNumber(wire.endedAt ?? wire.ended_at) / nanosecondsPerSecond;
  if (!(startedAt >= 0 && endedAt >= 0)) return 'invalid_timestamp';
  const hasError = typeof wire.error === 'string' && wire.error !== '';
  return { egressId, startedAt, endedAt, status: decodeStatus(wire.status, endedAt > 0, hasError) };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longestId;
}

/** In the order of livekit.EgressStatus, whose zero value answers omit. */
const statuses: readonly EgressStatus[] = [...runningStatuses, ...endedStatuses];

/** A status that a later version adds counts as the closest known one. */
function decodeStatus(value: unknown, hasEnded: boolean, hasError: boolean): EgressStatus {
  const name = typeof value === 'string' ? value.toUpperCase() : '';
  const named = statuses.find((status) => `EGRESS_${status.toUpperCase()}` === name);
  const known = named ?? statuses[decodeWholeNumber(value)];
  if (known) return known;
  if (!hasEnded) return 'active';
  return hasError ? 'failed' : 'complete';
}
