// All projects in one table: how they are at a glance, and the way to each.
import { html, type Html } from './html.ts';
import { projectLink } from './project-link.ts';
import { stateBadge } from './project-state.ts';
import { countInWords, distanceInWords } from './quantities.ts';
import type { ProjectStatus } from './status.ts';

/** `isChoice`: projects that are up are shown only when they are chosen here. */
export function overview(projects: readonly ProjectStatus[], now: number, isChoice: boolean): Html {
  const choose = isChoice ? html`Choose one that is up to see more of it.` : html``;
  return html`<section aria-labelledby="projects">
    <h2 id="projects">Projects</h2>
    <table role="table" class="stack projects">
      <caption>
        Their active rooms and participants, and requests to LiveKit in the last minute of those allowed.
        ${choose}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">Project</th>
          <th role="columnheader" scope="col">State</th>
          <th role="columnheader" scope="col">Rooms</th>
          <th role="columnheader" scope="col">Participants</th>
          <th role="columnheader" scope="col">Polled</th>
          <th role="columnheader" scope="col">Requests</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${projects.map((project) => row(project, now))}
      </tbody>
    </table>
  </section>`;
}

function row(project: ProjectStatus, now: number): Html {
  const { name, failure, lastSuccessAt, budget } = project;
  // Numbers that the metrics no longer show are not shown here either.
  const active = project.gaugesWithdrawn ? undefined : project.active;
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      <a href="${projectLink(name)}"><bdi class="name">${name}</bdi></a>
    </th>
    <td role="cell">
      ${stateBadge(project, now)}${failure ? html` <small>${failure.reason}</small>` : html``}
    </td>
    <td role="cell">${active ? countInWords(active.rooms) : '–'}</td>
    <td role="cell">${active ? countInWords(active.participants) : '–'}</td>
    <td role="cell">${lastSuccessAt === undefined ? 'none yet' : distanceInWords(now, lastSuccessAt)}</td>
    <td role="cell">
      ${countInWords(budget.lastMinuteRequests)}<small> of ${countInWords(budget.requestsPerMinute)}</small>
    </td>
  </tr>`;
}
