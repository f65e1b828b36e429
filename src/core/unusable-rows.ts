// An answer with rows of which none can be used is no empty list.
import type { RejectionReason } from './session-row.ts';
import { SourceError } from './source-error.ts';

/** The reasons may come more than once. */
export function noUsableRow(rejected: Iterable<RejectionReason>): SourceError {
  return new SourceError(
    'schema',
    `no row of the session list could be used: ${[...new Set(rejected)].join(', ')}`,
    'look for a newer exporter; if there is none, report it: the format of the Analytics API has changed',
  );
}
