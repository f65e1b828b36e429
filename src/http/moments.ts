// Moments and numbers as the pages for people show them: what a reader wants to know first, what it exactly was behind.
import { html, type Html } from './html.ts';
import { countInWords, distanceInWords, utcTime } from './quantities.ts';

/** "12 s ago", and exactly when. `at` and `now` in Unix seconds. */
export function moment(at: number | undefined, now: number, never: string): Html {
  return at === undefined ? html`${never}` : html`${distanceInWords(now, at)} <small>${utc(at)}</small>`;
}

export function utc(at: number): Html {
  const iso = utcTime(at);
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** "1 page", "1,234 pages". */
export function countOf(count: number, thing: string): string {
  return `${countInWords(count)} ${thing}${count === 1 ? '' : 's'}`;
}
