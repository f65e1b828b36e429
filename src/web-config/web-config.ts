// What a web configuration file comes to, as exporter-toolkit defines it: every value present and checked.
import type { SecureContextOptions } from 'node:tls';

export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: TlsConfig | undefined;
  /** Whether HTTP/2 is offered over TLS. */
  readonly http2: boolean;
  /** Headers for every answer, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bcrypt hash of each user's password; empty: no password is needed. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
}

export interface TlsConfig {
  /** For node:tls, which takes them as they are. */
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** A client's certificate must be for one of these names; undefined: for any. */
  readonly allowedNames: readonly string[] | undefined;
}

/** How clients are asked for a certificate, by the names of Go's tls.ClientAuthType. */
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
