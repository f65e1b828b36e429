// Checks the token of a request as LiveKit does: signature, issuer, times, grant. Keeps no token.
import type { TokenVerifier } from 'livekit-server-sdk';
import { refusal, type Answer } from './answer.ts';

/** Seconds by which the clocks of LiveKit and the client may differ: go-jose's default leeway, used by livekit/protocol. */
const leeway = 60;

/** Answers why a request with this header is refused at a time (Unix seconds); undefined when it is not. */
export type CheckAccess = (authorization: string | undefined, now: number) => Promise<Answer | undefined>;

/** The signature is checked by LiveKit's own SDK, which is loaded only when a simulated API is started. */
export async function accessCheck(apiKey: string, apiSecret: string): Promise<CheckAccess> {
  const sdk = await import('livekit-server-sdk');
  const verifier = new sdk.TokenVerifier(apiKey, apiSecret);
  return async (authorization, now) => {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    if (token === undefined) return unauthenticated('the request has no bearer token');
    if (algorithmOf(token) !== 'HS256') return unauthenticated('the token is not signed with HS256');
    const claims = await verified(verifier, token);
    if (typeof claims === 'string') return unauthenticated(claims);
    if (now > (claims.exp ?? 0) + leeway) return unauthenticated('the token has expired');
    if (now < (claims.nbf ?? 0) - leeway)
      return unauthenticated('the token is not valid yet: check the clocks');
    if (claims.video?.roomList !== true) {
      return refusal(403, 'permission_denied', 'the token does not have the grant roomList');
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

function algorithmOf(token: string): unknown {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    return (header as { alg?: unknown } | null)?.alg;
  } catch {
    return undefined;
  }
}

function unauthenticated(message: string): Answer {
  return refusal(401, 'unauthenticated', message);
}
