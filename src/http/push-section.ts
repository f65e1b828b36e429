// The push by OTLP on the landing page: where to, whether it arrives, and why not.
import { badge } from './badge.ts';
import { fact } from './facts.ts';
import { failureNote } from './failure-note.ts';
import { html, type Html } from './html.ts';
import { moment } from './moments.ts';
import { durationInWords } from './quantities.ts';
import type { PushStatus } from './status.ts';

export function pushSection(push: PushStatus, now: number): Html {
  const { receiver, protocol, interval, lastSuccessAt, failure } = push;
  const note = failure
    ? failureNote(failure, {
        failing: 'Pushes have failed',
        consequence: 'Polls and scrapes go on; counters are whole again with the next push that arrives.',
      })
    : html``;
  return html`<section aria-labelledby="push">
    <header>
      <h2 id="push">Push by OTLP</h2>
      ${stateBadge(push, now)}
    </header>
    ${note}
    <dl>
      ${fact('Receiver', html`${receiver} <small>${protocol}, every ${durationInWords(interval)}</small>`)}
      ${fact('Last push that arrived', moment(lastSuccessAt, now, 'none yet'))}
    </dl>
  </section>`;
}

function stateBadge({ lastSuccessAt, failure }: PushStatus, now: number): Html {
  if (failure)
    return badge('down', `Failing for ${durationInWords(Math.max(0, Math.round(now - failure.since)))}`);
  return lastSuccessAt === undefined ? badge('starting', 'Starting') : badge('up', 'Arriving');
}
