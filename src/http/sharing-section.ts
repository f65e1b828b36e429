// The part of the page about the other replicas: how many there are, which projects they have, and whether the state server
// can be reached.
import { badge, lastingNote, section } from './elements.ts';
import { html, type Html } from './html.ts';
import type { SharingStatus } from './status.ts';
import { timeSince } from './words.ts';

const consequence = 'Each replica keeps the projects it has; none moves while this lasts.';

/** Projects of one replica that are named. */
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
    ? badge('down', `Unreachable for ${timeSince(failure.since, now)}`)
    : badge('up', replicas === 1 ? 'Alone' : `${String(replicas)} replicas`);
  return section(
    'replicas',
    'Replicas',
    state,
    html`${failure && lastingNote('The state server cannot be reached', failure, consequence)}
      <p>This is <bdi>${name}</bdi>. It shows numbers of its own projects only.</p>
      <ul>
        ${[...byReplica].map(([replica, projects]) => replicaItem(replica, projects))}
      </ul>`,
  );
}

function replicaItem(replica: string | undefined, projects: readonly string[]): Html {
  const shown = projects.slice(0, mostNames).join(', ');
  const more = projects.length > mostNames ? ` and ${String(projects.length - mostNames)} more` : '';
  const who = replica === undefined ? html`<strong>No replica yet</strong>` : html`<bdi>${replica}</bdi>`;
  return html`<li>${who}: ${shown}${more}</li>`;
}
