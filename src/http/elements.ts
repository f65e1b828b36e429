// What the sections of the pages are made of: badges, facts, notes on failures.
import { html, type Html } from './html.ts';
import type { FailureStatus } from './status.ts';
import { utc } from './words.ts';

export type Look = 'up' | 'down' | 'starting' | 'listing';

const signs: Readonly<Record<Look, string>> = { down: '✕', starting: '○', listing: '◔', up: '✓' };

/** A state: a colour, and a sign of its own, so that nobody has to tell colours apart. */
export function badge(look: Look, words: string): Html {
  return html`<span class="state ${look}"><span aria-hidden="true">${signs[look]}</span> ${words}</span>`;
}

/** A name and what there is to say of it, in a list of such. */
export function fact(name: string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** A part of the page under a heading with a badge. `id` is the heading's. */
export function section(id: string, title: Html, state: Html, content: readonly Html[]): Html {
  return html`<section aria-labelledby="${id}">
    <header>
      <h2 id="${id}">${title}</h2>
      ${state}
    </header>
    ${content}
  </section>`;
}

/** What went wrong and what to do about it. `failing` says what has failed since then, `consequence` what that means. */
export function failureNote(
  { message, reason, remedy, since }: FailureStatus,
  { failing, consequence }: { readonly failing: string; readonly consequence: string },
): Html {
  return html`<div class="failure">
    <p><strong>What happened:</strong> ${message} <small>(reason ${reason})</small></p>
    <p><strong>What to do:</strong> ${remedy}</p>
    <p><small>${failing} since ${utc(since)}. ${consequence}</small></p>
  </div>`;
}
