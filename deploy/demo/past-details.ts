// Reads the details of simulated sessions at a time of the past as the exporter would have, without HTTP between.
import { decodeDetails } from '../../src/livekit/wire/session-details-decoder.ts';
import type { DetailsResult } from '../../src/core/details-ledger.ts';
import { type DetailsTarget, summarizeDetails } from '../../src/core/session-details.ts';
import { sessionDetails } from '../../src/simulator/session-answers.ts';
import type { SessionShelf } from '../../src/simulator/cloud.ts';
import { finished } from './finished.ts';

/** `time`: Unix seconds. Throws an Error for a session that is not on the shelf. */
export function readDetails(shelf: SessionShelf, target: DetailsTarget, time: number): DetailsResult {
  const session = shelf.find(target.sessionId);
  if (!session) throw new Error(`There is no session ${target.sessionId}.`);
  const { details } = finished(decodeDetails(sessionDetails(session, time), time));
  return { target, readAt: time, outcome: finished(summarizeDetails(details, target, time)) };
}
