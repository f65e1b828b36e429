// Chooses the content coding of an answer from the request's Accept-Encoding (RFC 9110, section 12.5.3).
import { acceptables } from './accept-weight.ts';

export type Encoding = 'gzip' | 'identity';

/**
 * Gzip when the client takes it at least as gladly as the plain bytes. Never "not acceptable": who refuses
 * both gets the plain bytes, as section 12.5.3 allows, because a scrape is worth more than a preference.
 */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  if (!acceptEncoding) return 'identity';
  const weights = new Map(acceptables(acceptEncoding).map(({ name, weight }) => [name, weight]));
  // x-gzip is gzip under its oldest name (RFC 9110, section 8.4.1.3).
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  const identity = weights.get('identity') ?? 0;
  return gzip > 0 && gzip >= identity ? 'gzip' : 'identity';
}
