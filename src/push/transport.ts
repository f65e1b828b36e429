// What carries a request to the receiver, and how it fails.
import { PushError, type PushFailureReason } from '../core/push-error.ts';
import type { HostCertificates } from '../network/authorities.ts';
import { proxySecrets, type Network, type WayNamed } from '../network/network.ts';

/** What the receiver says about a request that it has taken. */
export interface Receipt {
  /** Points of the request that it did not take. */
  readonly rejectedPoints: number;
  /** What it says beside, fit to be shown; empty: nothing. */
  readonly message: string;
}

export interface Transport {
  /**
   * Sends a serialized request once. Rejected with a SendFailure, or with anything when the signal was aborted, at
   * once.
   */
  send(request: Uint8Array, signal: AbortSignal): Promise<Receipt>;
  /** Ends all connections. */
  close(): void;
}

/** What decides about another attempt. */
export interface Repetition {
  /** Whether the same request could succeed a moment later. */
  readonly retriable: boolean;
  /** The pause the receiver asked for. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A PushError that knows whether trying again makes sense. */
export class SendFailure extends PushError {
  readonly retriable: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: PushFailureReason,
    message: string,
    remedy: string,
    { retriable, retryAfterSeconds }: Repetition,
  ) {
    super(reason, message, remedy);
    this.retriable = retriable;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Headers of the operator; their values are secrets. */
export type Headers = Readonly<Record<string, string>>;

export interface TransportOptions {
  /** For HTTP the whole URL, for gRPC scheme, host and port: `http` is in the clear, `https` is TLS. */
  readonly endpoint: string;
  readonly compression: 'none' | 'gzip';
  /** Called for each attempt: what they are read from can change. Throws an Error when it cannot be read. */
  readonly headers: () => Headers;
  readonly tls: () => HostCertificates;
  /** How the receiver is reached. */
  readonly network: WayNamed;
  readonly ways: Pick<Network, 'way' | 'ownClient'>;
  readonly userAgent: string;
}

/**
 * What must not be shown of what the receiver says: the values of the headers, a token behind its scheme, and what a
 * proxy is told.
 */
export function secretsOf(headers: Headers, { proxy }: WayNamed): string[] {
  return Object.values(headers)
    .flatMap((value) => [value, value.slice(value.lastIndexOf(' ') + 1)])
    .filter((secret) => secret !== '')
    .concat(proxySecrets(proxy));
}

/** Connections that were opened with other certificates are not used again. */
export function isSameTls(tls: HostCertificates, other: HostCertificates | undefined): boolean {
  return other?.ca === tls.ca && other?.cert === tls.cert && other?.key === tls.key;
}

/** Reads what the operator keeps in files. */
export function readSecrets({ headers, tls }: Pick<TransportOptions, 'headers' | 'tls'>): {
  readonly headers: Headers;
  readonly tls: HostCertificates;
} {
  try {
    return { headers: headers(), tls: tls() };
  } catch (error) {
    throw new SendFailure(
      'auth',
      error instanceof Error ? error.message : String(error),
      'put the file back: it is read again for each push',
      { retriable: false },
    );
  }
}
