// The pause that an answer asks for.
import { httpDate } from './http-date.ts';

/** Nobody asks for more in earnest. */
const longestAskedSeconds = 86_400;

/**
 * Seconds that a Retry-After header asks to wait, from 0 to a day; undefined when it is missing or in none of
 * the forms of RFC 9110, section 10.2.3. `now` (Unix seconds) should be the server's time: its date is.
 */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  const date = httpDate(header);
  const asked = date === undefined ? wholeSeconds(header) : date - now;
  return asked === undefined ? undefined : Math.min(Math.max(0, asked), longestAskedSeconds);
}

function wholeSeconds(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}
