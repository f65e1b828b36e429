// What the page says of the other replicas: how many there are, which of them has which project, and whether they can be
// heard of.
import { badge, section } from './elements.ts';
import { html, type Html } from './html.ts';
import type { SharingStatus } from './status.ts';
import { timeSince, utc } from './words.ts';

/** Named one by one, of each replica. */
const mostNames = 20;

export function sharingSection(sharing: SharingStatus, now: number): Html {
  const { name, replicas, elsewhere, failure } = sharing;
  const byReplica = new Map<string | undefined, string[]>();
  for (const { project, replica } of elsewhere)
    byReplica.set(replica, [...(byReplica.get(replica) ?? []), project]);
  const state = failure
    ? badge('down', `Not reached for ${timeSince(failure.since, now)}`)
    : badge('up', replicas === 1 ? 'Alone' : `${String(replicas)} replicas`);
  return section('replicas', html`Replicas`, state, [
    failureNote(failure),
    html`<p>This is <bdi>${name}</bdi>. Projects of others have no numbers here.</p>`,
    html`<ul>
      ${[...byReplica].map(([replica, projects]) => replicaItem(replica, projects))}
    </ul>`,
  ]);
}

function failureNote(failure: SharingStatus['failure']): Html {
  if (!failure) return html``;
  return html`<div class="failure">
    <p>
      <strong>The server of the state cannot be reached since ${utc(failure.since)}:</strong>
      ${failure.message}
    </p>
    <p><small>Each replica goes on with the projects it has; none moves as long as this lasts.</small></p>
  </div>`;
}

function replicaItem(replica: string | undefined, projects: readonly string[]): Html {
  const shown = projects.slice(0, mostNames).join(', ');
  const more = projects.length > mostNames ? ` and ${String(projects.length - mostNames)} more` : '';
  const who = replica === undefined ? html`<strong>Nobody yet</strong>` : html`<bdi>${replica}</bdi>`;
  return html`<li>${who}: ${shown}${more}</li>`;
}
