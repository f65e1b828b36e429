// A state as a badge: a colour, and a sign of its own, so that nobody has to tell colours apart.
import { html, type Html } from './html.ts';

export type Look = 'up' | 'down' | 'starting' | 'listing';

const signs: Readonly<Record<Look, string>> = { down: '✕', starting: '○', listing: '◔', up: '✓' };

export function badge(look: Look, words: string): Html {
  return html`<span class="state ${look}"><span aria-hidden="true">${signs[look]}</span> ${words}</span>`;
}
