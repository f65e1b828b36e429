// What a server with a web configuration is told: who may ask, how often, and over what connection. Declared by
// its readers; where it comes from they do not know.
import type { SecureContextOptions } from 'node:tls';

export interface WebRulesSource {
  /** The rules of now: asked for each connection and request, the same object until they change. */
  read(): WebRules;
}

export interface WebRules {
  /** Undefined: plain HTTP. A server keeps to what it was at its start. */
  readonly tls: TlsRules | undefined;
  /** Whether HTTP/2 is offered over TLS; as it was at the start, too. */
  readonly http2: boolean;
  /** For every answer, by their names in lower case; they win over the answer's own. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bcrypt hash of each user's password; empty: everybody may ask. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
}

export interface TlsRules {
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** A client's certificate must be for one of these names; undefined: for any. */
  readonly allowedNames: readonly string[] | undefined;
}

/** Go's tls.ClientAuthType. */
export type ClientAuth =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

export interface RateLimit {
  /** Seconds between two requests. */
  readonly interval: number;
  /** Requests that may come at once. */
  readonly burst: number;
}
