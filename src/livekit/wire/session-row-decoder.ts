// Turns a page of the session list, in any spelling of the wire format, into session rows. Written by hand:
// a poll decodes a hundred thousand rows. A bad row is left out with its reason and never throws.
import type { ConnectionCounts, RejectionReason, SessionRow } from '../../core/session-row.ts';
import { SourceError } from '../../core/source-error.ts';
import { quotation } from '../../lib/text.ts';
import { decodeTimestamp, furthestFuture } from './timestamp.ts';
import { decodeEgress, decodeWholeNumber } from './values.ts';
import { isObject, type WireObject } from './wire.ts';

/** In UTF-16 code units, as are all lengths here. */
export const longestId = 256;
export const longestRoomName = 1024;
/** Ten times the largest page that is asked for: an API that ignores how many were. */
const mostRows = 10_000;

/** Rows decoded between two yields: where V8 has not compiled anything yet they take a millisecond. */
const rowsPerYield = 128;

/**
 * The sessions of one page as JSON.parse returned it. `now` in Unix seconds. Runs in small steps.
 * Throws a SourceError of reason `schema` when the body is not a page at all; it never quotes any of the `secrets`.
 * Two rows of one session are both kept, whatever their spellings.
 */
export function* decodePage(body: unknown, now: number, secrets: readonly string[]) {
  const rows: SessionRow[] = [];
  const rejected: RejectionReason[] = [];
  for (const wireRow of sessionsOf(body, secrets)) {
    const decoded = decodeRow(wireRow, now + furthestFuture);
    if (typeof decoded === 'string') rejected.push(decoded);
    else rows.push(decoded);
    if ((rows.length + rejected.length) % rowsPerYield === 0) yield;
  }
  return { rows, rejected };
}

function sessionsOf(body: unknown, secrets: readonly string[]): readonly unknown[] {
  if (!isObject(body)) throw notAPage(typeName(body));
  const { sessions } = body;
  if (sessions !== undefined && reportsError(body))
    throw notAPage('"sessions" beside an error', body, secrets);
  if (Array.isArray(sessions)) {
    if (sessions.length > mostRows) throw notAPage(`one of ${sessions.length} sessions`);
    return sessions;
  }
  // Protobuf's JSON omits empty lists.
  if (sessions === null || Object.keys(body).length === 0) return [];
  if (sessions !== undefined) throw notAPage(`"sessions" as ${typeName(sessions)}`);
  throw notAPage('an object without "sessions"', body, secrets);
}

/** Where an answer says that it is one of an error, whatever else it holds. */
const errorKey = /^error(s|_?(code|description|message))?$/i;

/** Whether an answer reports an error: then the list beside it, empty or not, is not all there is. */
export function reportsError(body: WireObject): boolean {
  return Object.entries(body).some(([key, value]) => {
    if (!errorKey.test(key) || value === '0') return false;
    return typeof value === 'object' && value !== null ? Object.values(value).some(Boolean) : Boolean(value);
  });
}

/** `error`, `errorMessage`, `error_description`, `errors`, `details`, … */
const tellingKey = /error|message|msg|code|detail|reason/i;

/** What an answer says about an error; foreign text, which is to be quoted. */
export function errorWords(body: WireObject): string {
  return Object.entries(body)
    .filter(([key]) => tellingKey.test(key))
    .flatMap(([, value]) => [value].flat())
    .flatMap((value) => (isObject(value) ? Object.values(value) : [value]))
    .filter((word) => typeof word === 'string' || typeof word === 'number')
    .join(', ');
}

/** `body`: may say why in words of the API. */
function notAPage(came: string, body: WireObject = {}, secrets: readonly string[] = []): SourceError {
  const words = quotation(errorWords(body), secrets);
  return new SourceError(
    'schema',
    `the answer is not a page of sessions: expected an object with an array "sessions", got ${came}${words && `: ${words}`}`,
    words === ''
      ? 'check that api.url is the address of the Analytics API; if it is, its format changed: look for a newer exporter'
      : 'wait: the API reports an error; if it stays, check that api.url is the address of the Analytics API',
  );
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function decodeRow(wire: unknown, latest: number): SessionRow | RejectionReason {
  if (!isObject(wire)) return 'not_an_object';

  const sessionId = wire.sessionId ?? wire.session_id;
  if (typeof sessionId !== 'string') return 'invalid_session_id';
  if (sessionId.length === 0 || sessionId.length > longestId) return 'invalid_session_id';
  // In the path of a request they would lead elsewhere.
  if (sessionId === '.' || sessionId === '..') return 'invalid_session_id';
  const roomName = wire.roomName ?? wire.room_name ?? '';
  if (typeof roomName !== 'string' || roomName.length > longestRoomName) return 'invalid_room_name';

  const createdAt = decodeTimestamp(wire.createdAt ?? wire.created_at);
  const lastActive = decodeTimestamp(wire.lastActive ?? wire.last_active);
  const endedAt = decodeTimestamp(wire.endedAt ?? wire.ended_at);
  if (createdAt === undefined || lastActive === undefined || endedAt === undefined)
    return 'invalid_timestamp';
  if (createdAt === 0) return 'invalid_timestamp';
  if (createdAt > latest || lastActive > latest || endedAt > latest) return 'future_timestamp';

  const bandwidthIn = decodeWholeNumber(wire.bandwidthIn ?? wire.bandwidth_in);
  const bandwidthOut = decodeWholeNumber(wire.bandwidthOut ?? wire.bandwidth_out);
  const participants = decodeWholeNumber(wire.numParticipants ?? wire.num_participants);
  const wireActive = wire.numActiveParticipants ?? wire.num_active_participants ?? undefined;
  const activeParticipants = wireActive === undefined ? undefined : decodeWholeNumber(wireActive);
  // The least of them tells of all: NaN when one is invalid, negative when one is.
  const least = Math.min(bandwidthIn, bandwidthOut, participants, activeParticipants ?? 0);
  if (!(least >= 0)) return least < 0 ? 'negative_number' : 'invalid_number';

  const egress = decodeEgress(wire.egress);
  if (egress === undefined) return 'invalid_egress';

  return {
    sessionId,
    roomName: roomName.toWellFormed(),
    createdAt,
    lastActive,
    endedAt,
    bandwidthIn,
    bandwidthOut,
    egress,
    participants,
    activeParticipants,
    connectionCounts: decodeConnectionCounts(wire.connectionCounts ?? wire.connection_counts),
  };
}

/** Undefined for counts that cannot be used: they are an extra, and the rest of the row stands without them. */
function decodeConnectionCounts(wire: unknown): ConnectionCounts | undefined {
  if (!isObject(wire)) return undefined;
  const attempts = decodeWholeNumber(wire.attempts);
  const successes = decodeWholeNumber(wire.success);
  return attempts >= 0 && successes >= 0 ? { attempts, successes } : undefined;
}
