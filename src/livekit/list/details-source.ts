// The details of the sessions of one project, one request each. They come after everything else: see spare-budget.ts.
import type { RejectionReason } from '../../core/session-row.ts';
import type { SessionDetails } from '../../core/session-details.ts';
import { type FailureReason, SourceError } from '../../core/source-error.ts';
import type { Access, AccessOptions } from '../client/access.ts';
import type { AnswerTimes } from '../client/analytics-client.ts';
import { decodeDetails } from '../wire/session-details-decoder.ts';
import { SpareBudget } from '../client/spare-budget.ts';
import { sessionPath } from '../wire/wire.ts';

export interface ReadDetails extends AnswerTimes {
  readonly details: SessionDetails;
  /** Of participants and connections that could not be used. */
  readonly rejected: readonly RejectionReason[];
}

export interface DetailsSource {
  /** Rejected with a SourceError when the details could not be read, or with the signal's reason. */
  read(sessionId: string, signal: AbortSignal): Promise<ReadDetails>;
}

/** 10,000 participants, most a room can have by far, who came several times each. */
const largestDetailsBytes = 16 * 2 ** 20;

/** Where what helps against it is not what helps for the session list. */
const remedies: Readonly<Partial<Record<FailureReason, string>>> = {
  not_found:
    'nothing needs to be done when LiveKit no longer knows a session; when it knows none, set details.enabled to false',
  timeout:
    'check the way to the API; raise api.request_timeout: the details of large sessions take it longer',
  schema:
    'check that api.url is the address of the Analytics API; if it is, its format changed: look for a newer exporter',
};

export function createDetailsSource(
  { projectId, requestsPerMinute }: AccessOptions,
  access: Access,
): DetailsSource {
  const { clock, listDemand } = access;
  const budget = new SpareBudget({ budget: access.budget, demand: listDemand, requestsPerMinute, clock });
  // Who wants them asks again later.
  const client = access.client(budget, 1);
  return {
    read: async (sessionId, signal) => {
      try {
        return await client.get({
          endpoint: 'session',
          url: access.address(sessionPath(projectId, sessionId)),
          *decode(body, _secrets, times) {
            return { ...(yield* decodeDetails(body, times.time)), ...times };
          },
          largestBytes: largestDetailsBytes,
          retryTimeouts: false,
          tellsOfPeople: true,
          signal,
        });
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        const { reason, message, remedy } = error;
        throw new SourceError(reason, message, remedies[reason] ?? remedy, { cause: error });
      }
    },
  };
}
