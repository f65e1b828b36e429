// What the page says of the other replicas: how many there are, which of them has which project, and whether they can be
// heard of.
import { badge, lastingNote, section } from './elements.ts';
import { html, type Html } from './html.ts';
import type { SharingStatus } from './status.ts';
import { timeSince } from './words.ts';

const consequence = 'Each replica goes on with the projects it has; none moves as long as this lasts.';

/** Named one by one, of each replica. */
const mostNames = 20;

export function sharingSection(sharing: SharingStatus, now: number): Html {
  const { name, replicas, elsewhere, failure } = sharing;
  const byReplica = new Map<string | undefined, string[]>();
  for (const { project, replica } of elsewhere) {
    const projects = byReplica.get(replica) ?? [];
    projects.push(project);
    byReplica.set(replica, projects);
  }
  const state = failure
    ? badge('down', `Not reached for ${timeSince(failure.since, now)}`)
    : badge('up', replicas === 1 ? 'Alone' : `${String(replicas)} replicas`);
  return section(
    'replicas',
    'Replicas',
    state,
    html`${failure && lastingNote('The server of the state cannot be reached', failure, consequence)}
      <p>This is <bdi>${name}</bdi>. Projects of others have no numbers here.</p>
      <ul>
        ${[...byReplica].map(([replica, projects]) => replicaItem(replica, projects))}
      </ul>`,
  );
}

function replicaItem(replica: string | undefined, projects: readonly string[]): Html {
  const shown = projects.slice(0, mostNames).join(', ');
  const more = projects.length > mostNames ? ` and ${String(projects.length - mostNames)} more` : '';
  const who = replica === undefined ? html`<strong>Nobody yet</strong>` : html`<bdi>${replica}</bdi>`;
  return html`<li>${who}: ${shown}${more}</li>`;
}
