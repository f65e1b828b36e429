// What went wrong and what to do about it, in words.
import { html, type Html } from './html.ts';
import { utc } from './moments.ts';
import type { FailureStatus } from './status.ts';

/** `failing` says what has failed since when, `consequence` what that means. */
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
