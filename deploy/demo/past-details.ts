// Reads the details of simulated sessions at a time of the past as the exporter would have, without HTTP between.
import { decodeDetails } from '../../src/livekit/wire/session-details-decoder.ts';
import type { DetailsResult } from '../../src/core/details-ledger.ts';
import { type DetailsTarget, summarizeDetails } from '../../src/core/session-details.ts';
import { spellDetails } from '../../src/simulator/session-details.ts';
import type { SessionShelf } from '../../src/simulator/session-shelf.ts';
import { documentedSpelling } from '../../src/simulator/wire-format.ts';
import { finished } from './finished.ts';

/** Whatever they read like, times say the same; these are the quickest to write and to read. */
const spelling = { ...documentedSpelling, timestamps: 'seconds_number' } as const;

/** `time`: Unix seconds. Throws an Error for a session that is not on the shelf. */
export function readDetails(shelf: SessionShelf, target: DetailsTarget, time: number): DetailsResult {
  const session = shelf.find(target.sessionId);
  if (!session) throw new Error(`There is no session ${target.sessionId}.`);
  const { details } = finished(decodeDetails(spellDetails(session, time, spelling), time));
  return { target, readAt: time, outcome: finished(summarizeDetails(details, target, time)) };
}
