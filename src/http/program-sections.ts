// What the landing page says of the program itself: configuration that is not in use, state that cannot be written, and the push by OTLP.
import { badge, failureNote, fact, section } from './elements.ts';
import { html, type Html } from './html.ts';
import type { ConfigurationFailure, PushStatus, StateStatus } from './status.ts';
import { durationInWords, moment, timeSince, utc } from './words.ts';

/** A reload that failed, or a web configuration file that cannot be used. */
export function configurationSection(failures: readonly ConfigurationFailure[], now: number): Html {
  const [first] = failures;
  if (!first) return html``;
  const notes = failures.map(
    ({ what, problems, since }) =>
      html`<div class="failure">
        <p><strong>${what} cannot be used as it is now:</strong></p>
        <ul>
          ${problems.map((problem) => html`<li>${problem}</li>`)}
        </ul>
        <p><small>Since ${utc(since)}. What was in force before stays in force.</small></p>
      </div>`,
  );
  return section('configuration', {
    title: html`Configuration`,
    state: badge('down', `Not in use for ${timeSince(first.since, now)}`),
    content: notes,
  });
}

export function stateNote(state: StateStatus | undefined): Html {
  if (!state?.failure) return html``;
  const { failure, lastWriteAt } = state;
  const last = lastWriteAt === undefined ? html`before this start` : html`at ${utc(lastWriteAt)}`;
  return html`<div class="failure">
    <p><strong>The state cannot be written since ${utc(failure.since)}:</strong> ${failure.message}</p>
    <p>
      <small>
        Counters go on. A restart sets them back to the last state written, ${last}, as long as this lasts.
      </small>
    </p>
  </div>`;
}

export function pushSection(push: PushStatus, now: number): Html {
  const { receiver, protocol, interval, lastSuccessAt, failure } = push;
  const consequence = 'Polls and scrapes go on; counters are whole again with the next push that arrives.';
  const note = failure ? failureNote(failure, { failing: 'Pushes have failed', consequence }) : html``;
  const facts = html`<dl>
    ${fact('Receiver', html`${receiver} <small>${protocol}, every ${durationInWords(interval)}</small>`)}
    ${fact('Last push that arrived', moment(lastSuccessAt, now, 'none yet'))}
  </dl>`;
  return section('push', { title: html`Push by OTLP`, state: pushBadge(push, now), content: [note, facts] });
}

function pushBadge({ lastSuccessAt, failure }: PushStatus, now: number): Html {
  if (failure) return badge('down', `Failing for ${timeSince(failure.since, now)}`);
  return lastSuccessAt === undefined ? badge('starting', 'Starting') : badge('up', 'Arriving');
}
