// What LiveKit's server API says about one project now: its rooms and egresses, a request each, before all others in the
// request budget.
import type { LiveEgress, LiveSource } from '../../core/live.ts';
import type { RejectionReason } from '../../core/session-row.ts';
import { type FailureReason, SourceError } from '../../core/source-error.ts';
import type { ApiClient } from '../client/api-client.ts';
import { usualRemedies } from '../client/refusal.ts';
import { decodeEgresses, decodeRooms } from '../wire/live-decoder.ts';
import { serverPaths } from '../wire/wire.ts';

/** Far more than 5,000 rooms need, unless each has all of the 64 KiB of metadata that LiveKit allows. */
const largestAnswerBytes = 32 * 2 ** 20;

/** Pages of egresses, each a request: more would take all of the default budget for a minute. */
const mostPages = 100;

/** Remedies that differ from those for the Analytics API. */
const remedies: Readonly<Record<'rooms' | 'egresses', Readonly<Partial<Record<FailureReason, string>>>>> = {
  rooms: {
    auth: 'check that the API key and secret belong to the project at url, and were not revoked',
    plan: 'check the plan of the project at url',
    not_found: "check url: it is the project's address, as in wss://NAME.livekit.cloud",
    timeout: 'check the network path to url; raise api.request_timeout',
    schema:
      "check that url is the project's address; if it is, the API has changed: look for a newer exporter",
  },
  egresses: {
    auth: 'check that the API key and secret belong to the project at url, or set live.egress to false',
    plan: 'set live.egress to false: the plan of this project has no egress',
    not_found: 'set live.egress to false: the server at url has no egress service',
    timeout: 'check the network path to url; raise api.request_timeout',
    schema: "check that url is the project's address, or set live.egress to false",
  },
};

/** `client`: of the project's own URL. */
export function createLiveSource(client: ApiClient): LiveSource {
  const ask = <Answer extends object>(
    endpoint: keyof typeof remedies,
    body: object,
    decode: (text: string, secrets: readonly string[]) => Generator<unknown, Answer>,
    signal: AbortSignal,
  ) =>
    client.send({
      endpoint,
      method: 'POST',
      url: client.address(serverPaths[endpoint]),
      body,
      decode,
      largestBytes: largestAnswerBytes,
      use: 'first',
      // The other remedies are the same, except for the name of the setting; also that for a clock that is off.
      remedyOf: (reason, usual) => {
        const isKnown = reason !== 'auth' || usual === usualRemedies.auth;
        return (isKnown ? remedies[endpoint][reason] : undefined) ?? usual.replaceAll('api.url', 'url');
      },
      signal,
    });

  return {
    readRooms: (signal) => ask('rooms', {}, decodeRooms, signal),
    readEgresses: async (signal) => {
      const egresses: LiveEgress[] = [];
      const rejected: RejectionReason[] = [];
      let time = Infinity;
      const tokens = new Set(['']);
      for (const token of tokens) {
        const body = token === '' ? {} : { page_token: { token } };
        const answer = await ask('egresses', body, decodeEgresses, signal);
        egresses.push(...answer.egresses);
        rejected.push(...answer.rejected);
        time = Math.min(time, answer.time);
        const { nextPageToken } = answer;
        if (nextPageToken === '') break;
        if (tokens.has(nextPageToken)) throw endless('a page leads back to one that was read');
        if (tokens.size === mostPages) throw endless(`it goes on after ${mostPages} pages`);
        tokens.add(nextPageToken);
      }
      return { egresses, rejected, time };
    },
  };
}

function endless(what: string): SourceError {
  return new SourceError(
    'schema',
    `the list of egresses has no end: ${what}`,
    "check that url is the project's address, without a proxy that changes requests, or set live.egress to false",
  );
}

/** The address of the server API for a project's URL, which clients of rooms write with `wss`. */
export function serverUrl(url: string): string {
  return url.replace(/^ws(s?):/i, 'http$1:');
}
