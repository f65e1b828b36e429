// Checks the token of a request as LiveKit does: signature, issuer, times, grant. Keeps no token.
import type { TokenVerifier } from 'livekit-server-sdk';
import { refusal, type Answer } from './answer.ts';

/** Seconds by which the clocks of LiveKit and the client may differ: go-jose's default leeway, used by livekit/protocol. */
const leeway = 60;

/** What a token has to allow. */
export type Grant = 'roomList' | 'roomRecord';

/** Answers why a request with this header is refused at a time (Unix seconds); undefined when it is not. */
export type CheckAccess = (
  authorization: string | undefined,
  now: number,
  grant: Grant,
) => Promise<Answer | undefined>;

/** The signature is checked by LiveKit's own SDK, which is loaded only when a simulated API is started. */
export async function accessCheck(apiKey: string, apiSecret: string): Promise<CheckAccess> {
  const sdk = await import('livekit-server-sdk');
  const verifier = new sdk.TokenVerifier(apiKey, apiSecret);
  return async (authorization, now, grant) => {
    const token = bearerToken(authorization);
    if (token === undefined) return unauthenticated('the request has no bearer token');
    if (jsonPart(token, 0)['alg'] !== 'HS256') return unauthenticated('the token is not signed with HS256');
    const claims = await verified(verifier, token);
    if (typeof claims === 'string') return unauthenticated(claims);
    if (now > (claims.exp ?? 0) + leeway) return unauthenticated('the token has expired');
    if (now < (claims.nbf ?? 0) - leeway)
      return unauthenticated('the token is not valid yet: check the clocks');
    if (claims.video?.[grant] !== true) {
      return refusal(403, 'permission_denied', `the token does not have the grant ${grant}`);
    }
    return undefined;
  };
}

type Claims = Awaited<ReturnType<TokenVerifier['verify']>> & { readonly exp?: number; readonly nbf?: number };

async function verified(verifier: TokenVerifier, token: string): Promise<Claims | string> {
  try {
    // The times are checked by the simulator's clock, not the machine's: here any of them will do.
    return await verifier.verify(token, Infinity);
  } catch (error) {
    return `the token is invalid: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The API key that a request's token names, unchecked. */
export function keyOf(authorization: string | undefined): unknown {
  return jsonPart(bearerToken(authorization) ?? '', 1)['iss'];
}

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
}

/** The header (0) or the claims (1) of a token; empty when there are none. */
function jsonPart(token: string, part: 0 | 1): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString());
    return Object(parsed) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function unauthenticated(message: string): Answer {
  return refusal(401, 'unauthenticated', message);
}
