// Turns the answer for one session, in any spelling of the wire format, into session details. What cannot be used of it is
// left out with its reason. Identities and names end here: nothing that is returned or thrown holds one.
import type { ReadDetails } from '../../core/session-source.ts';
import { SourceError } from '../../core/source-error.ts';
import { participantsPerYield, People } from './participants-decoder.ts';
import { reportsError } from './session-row-decoder.ts';
import { decodeTimestamp } from './timestamp.ts';
import { decodeWholeNumber } from './values.ts';
import { isObject } from './wire.ts';

/** How far after the time of the answer a timestamp may lie, in seconds: clocks differ, but not by a day. */
const furthestFuture = 86_400;

/**
 * The details as JSON.parse returned them; can be interrupted. `now` in Unix seconds. Throws a SourceError of reason
 * `schema` when the body is not an answer for a session at all.
 */
export function* decodeDetails(
  wire: unknown,
  now: number,
): Generator<void, Pick<ReadDetails, 'details' | 'rejected'>> {
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
  let steps = 0;
  for (const participant of listed as readonly unknown[]) {
    people.add(participant);
    if (++steps % participantsPerYield === 0) yield;
  }
  const numParticipants = decodeWholeNumber(wire.numParticipants ?? wire.num_participants);
  const { unusable, rejected } = people;
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
