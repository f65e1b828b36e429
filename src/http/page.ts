// The page for people, from the program's status alone: which project is up, and what to do about one that
// is not. It needs no script and loads nothing; it renews itself.
import type { ProjectStatus } from '../poll/poll-status.ts';
import { badge, failureNote, fact, section } from './elements.ts';
import { html, type Html } from './html.ts';
import { pageStyle } from './page-style.ts';
import {
  projectQuery,
  projectSection,
  projectState,
  shownSnapshot,
  stateInWords,
  statesByUrgency,
} from './project-section.ts';
import type { ConfigurationFailure, ProgramStatus, PushStatus, StateStatus } from './status.ts';
import { countInWords, distanceInWords, durationInWords, moment, timeSince, utc } from './words.ts';

/** Of more projects than these, those that are up have only a line in the table and a page of their own. */
const mostInFull = 8;

/** All projects, those that need somebody first. Links are relative, so that they hold behind a proxy that adds a path. */
export function landingPage(status: ProgramStatus, telemetryPath: string): string {
  const { now, push, configurationFailures } = status;
  const projects = byUrgency(status.projects);
  const isLong = projects.length > mostInFull;
  const inFull = projects.filter((project) => !isLong || projectState(project) !== 'up');
  const sections = inFull.map((project, index) =>
    projectSection(project, now, telemetryPath, `project-${index + 1}`),
  );
  const main = html`<main>
    ${configurationSection(configurationFailures, now)} ${stateNote(status.state)}
    ${projects.length > 1 ? overview(projects, now, isLong) : html``} ${sections}
    ${push ? pushSection(push, now) : html``}
  </main>`;
  const failing = [
    ...(push?.failure ? ['pushes fail'] : []),
    ...(status.state?.failure ? ['state cannot be written'] : []),
    ...(configurationFailures.length > 0 ? ['the configuration cannot be used'] : []),
  ];
  return page(status, {
    projects,
    telemetryPath,
    summary: [summary(projects), ...failing].join('; '),
    main,
  });
}

/** One project; undefined when there is none of this name. */
export function projectPage(status: ProgramStatus, telemetryPath: string, name: string): string | undefined {
  const project = status.projects.find((candidate) => candidate.name === name);
  if (!project) return undefined;
  const others = status.projects.length > 1 ? html`<p><a href="./">All projects</a></p>` : html``;
  const shown = projectSection(project, status.now, telemetryPath, 'project');
  const main = html`<main>${others} ${shown}</main>`;
  return page(status, {
    projects: [project],
    telemetryPath,
    summary: `${name}: ${stateInWords(project)}`,
    main,
  });
}

interface PageContent {
  /** Those on the page. */
  readonly projects: readonly ProjectStatus[];
  readonly telemetryPath: string;
  /** How they are, in one line. */
  readonly summary: string;
  readonly main: Html;
}

function page({ version, now, startedAt }: ProgramStatus, content: PageContent): string {
  const { projects, telemetryPath, main } = content;
  const unsettled = projects.some((project) => ['starting', 'listing'].includes(projectState(project)));
  const seconds = unsettled ? 5 : 30;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="refresh" content="${seconds}" />
        <meta name="robots" content="noindex" />
        <title>${content.summary} · LiveKit Cloud exporter</title>
        ${pageStyle}
      </head>
      <body>
        <header>
          <h1>LiveKit Cloud exporter</h1>
          <p>${content.summary}.</p>
          <p><small>As of ${utc(now)}; renewed every ${seconds} seconds.</small></p>
          <nav aria-label="Pages for machines">
            <a href=".${telemetryPath}">Metrics</a><a href="./sd">Service discovery</a
            ><a href="./-/healthy">Health</a><a href="./-/ready">Readiness</a>
          </nav>
        </header>
        ${main}
        <footer>Version ${version}, started ${distanceInWords(now, startedAt)}.</footer>
      </body>
    </html> `.markup;
}

/** Those that need somebody first, then as they are configured. */
function byUrgency(projects: readonly ProjectStatus[]): ProjectStatus[] {
  const urgency = (project: ProjectStatus) => statesByUrgency.indexOf(projectState(project));
  return [...projects].sort((a, b) => urgency(a) - urgency(b));
}

/** "2 of 3 projects up, 1 down": the whole state in one line. */
function summary(projects: readonly ProjectStatus[]): string {
  const states = projects.map(projectState);
  const number = (wanted: (typeof states)[number]) => states.filter((state) => state === wanted).length;
  const total = states.length === 1 ? '1 project' : `${states.length} projects`;
  const rest = statesByUrgency.filter((state) => state !== 'up' && number(state) > 0);
  return [`${number('up')} of ${total} up`, ...rest.map((state) => `${number(state)} ${state}`)].join(', ');
}

/** All projects in one table. `isChoice`: those that are up are shown only when they are chosen here. */
function overview(projects: readonly ProjectStatus[], now: number, isChoice: boolean): Html {
  const choose = isChoice ? html`Choose one that is up to see more of it.` : html``;
  return html`<section aria-labelledby="projects">
    <h2 id="projects">Projects</h2>
    <table role="table" class="stack">
      <caption>
        Their active rooms and participants. ${choose}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">Project</th>
          <th role="columnheader" scope="col" class="words">State</th>
          <th role="columnheader" scope="col">Rooms</th>
          <th role="columnheader" scope="col">Participants</th>
          <th role="columnheader" scope="col">Polled</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${projects.map((project) => overviewRow(project, now))}
      </tbody>
    </table>
  </section>`;
}

function overviewRow(project: ProjectStatus, now: number): Html {
  const { name, failure, lastSuccessAt } = project;
  const shown = shownSnapshot(project);
  const reason = failure ? html` <small>${failure.reason}</small>` : html``;
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      <a href="./${projectQuery(name)}"><bdi class="name">${name}</bdi></a>
    </th>
    <td role="cell" class="words">${badge(projectState(project), stateInWords(project, now))}${reason}</td>
    <td role="cell" data-label="Rooms">${shown ? countInWords(shown.activeRooms) : '–'}</td>
    <td role="cell" data-label="Participants">${shown ? countInWords(shown.activeParticipants) : '–'}</td>
    <td role="cell" data-label="Polled">
      ${lastSuccessAt === undefined ? 'none yet' : distanceInWords(now, lastSuccessAt)}
    </td>
  </tr>`;
}

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
  const state = badge('down', `Not in use for ${timeSince(first.since, now)}`);
  return section('configuration', html`Configuration`, state, notes);
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
  return section('push', html`Push by OTLP`, pushBadge(push, now), [note, facts]);
}

function pushBadge({ lastSuccessAt, failure }: PushStatus, now: number): Html {
  if (failure) return badge('down', `Failing for ${timeSince(failure.since, now)}`);
  return lastSuccessAt === undefined ? badge('starting', 'Starting') : badge('up', 'Arriving');
}
