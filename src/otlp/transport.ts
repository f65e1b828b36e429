// What carries a request to the receiver, and how it fails.
import { PushError, type PushFailureReason } from '../core/push-error.ts';

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

/** In PEM; all but the certificate of the authority belong together. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface TransportOptions {
  /** For HTTP the whole URL, for gRPC scheme, host and port: `http` is in the clear, `https` is TLS. */
  readonly endpoint: string;
  readonly compression: 'none' | 'gzip';
  /** Called for each attempt: what they are read from can change. Throws an Error when it cannot be read. */
  readonly headers: () => Headers;
  readonly tls: () => TlsFiles;
  readonly userAgent: string;
}

/** What must not be shown of what the receiver says: the values of the headers, and a token behind its scheme. */
export function secretsOf(headers: Headers): string[] {
  return Object.values(headers)
    .flatMap((value) => [value, value.slice(value.lastIndexOf(' ') + 1)])
    .filter((secret) => secret !== '');
}

/** Reads what the operator keeps in files. */
export function readSecrets({ headers, tls }: Pick<TransportOptions, 'headers' | 'tls'>): {
  readonly headers: Headers;
  readonly tls: TlsFiles;
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
