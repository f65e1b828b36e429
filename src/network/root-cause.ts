// The error behind an error: those of a proxy carry the real one as their cause, which can have one in turn.
import { ProxyError } from './proxy-error.ts';

const deepestCause = 5;

/** Of the first error in the chain of causes that has a code, or else of the last. */
export interface RootCause {
  readonly code: string | undefined;
  readonly message: string;
  /** The one in the chain that tells of a proxy. */
  readonly proxyError: ProxyError | undefined;
}

export function rootCause(error: unknown): RootCause {
  let current = error;
  let proxyError: ProxyError | undefined;
  for (let depth = 0; ; depth += 1) {
    if (current instanceof ProxyError) proxyError = current;
    const { code, message, cause } = Object(current) as Partial<Record<string, unknown>>;
    if (typeof code === 'string') return { code, message: String(message ?? ''), proxyError };
    if (cause === undefined || depth === deepestCause)
      return { code: undefined, message: String(message ?? current), proxyError };
    current = cause;
  }
}
