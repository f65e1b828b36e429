// The pages for people, from the program's status alone. They need no script, load nothing, and refresh themselves.
import type { ProjectStatus } from '../poll/poll-status.ts';
import { badge, facts, failureNote, lastingNote, section, table } from './elements.ts';
import { html, type Content, type Html } from './html.ts';
import { pageStyle } from './page-style.ts';
import {
  projectQuery,
  projectSection,
  projectState,
  published,
  stateInWords,
  statesByUrgency,
} from './project-section.ts';
import type {
  ConfigurationFailure,
  ProgramStatus,
  PushStatus,
  SharingStatus,
  StateStatus,
} from './status.ts';
import { countInWords, distanceInWords, durationInWords, moment, timeSince, utc } from './words.ts';

/** With more projects than this, those that are up have only a line in the table and a page of their own. */
const mostInFull = 8;
/** Projects of another replica that are named. */
const mostNames = 20;

/** All projects, failing ones first. Links are relative, so that they work behind a proxy that adds a path. */
export function landingPage(status: ProgramStatus, telemetryPath: string): string {
  const { now, push, state, sharing, configurationFailures } = status;
  const urgency = (project: ProjectStatus) => statesByUrgency.indexOf(projectState(project));
  const projects = status.projects.toSorted((a, b) => urgency(a) - urgency(b));
  const isLong = projects.length > mostInFull;
  const inFull = projects.filter((project) => !isLong || projectState(project) !== 'up');
  const failing = [
    push?.failure && 'pushes fail',
    state?.failure && 'state cannot be written',
    sharing?.failure && 'the state server cannot be reached',
    configurationFailures.length > 0 && 'the configuration cannot be used',
  ].filter(Boolean);
  const summary = [upOf(projects), ...failing].join('; ');
  const content = html`${configurationSection(configurationFailures, now)} ${state && stateNote(state)}
  ${sharing && sharingSection(sharing, now)} ${projects.length > 1 && overview(projects, now, isLong)}
  ${inFull.map((project, index) => projectSection(project, { ...status, telemetryPath }, `project-${index + 1}`))}
  ${push && pushSection(push, now)}`;
  return page(status, telemetryPath, projects, summary, content);
}

export function projectPage(status: ProgramStatus, telemetryPath: string, name: string): string | undefined {
  const project = status.projects.find((candidate) => candidate.name === name);
  if (!project) return undefined;
  const content = html`${status.projects.length > 1 && html`<p><a href="./">All projects</a></p>`}
  ${projectSection(project, { ...status, telemetryPath }, 'project')}`;
  return page(status, telemetryPath, [project], `${name}: ${stateInWords(project)}`, content);
}

function page(
  { version, now, startedAt }: ProgramStatus,
  telemetryPath: string,
  projects: readonly ProjectStatus[],
  summary: string,
  content: Html,
): string {
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
        <title>${summary} · LiveKit Cloud exporter</title>
        ${pageStyle}
      </head>
      <body>
        <header>
          <h1>LiveKit Cloud exporter</h1>
          <p>${summary}.</p>
          <p><small>As of ${utc(now)}; refreshed every ${seconds} seconds.</small></p>
          <nav aria-label="Pages for machines">
            <a href=".${telemetryPath}">Metrics</a><a href="./sd">Service discovery</a
            ><a href="./-/healthy">Health</a><a href="./-/ready">Readiness</a>
          </nav>
        </header>
        <main>${content}</main>
        <footer>Version ${version}, started ${distanceInWords(now, startedAt)}.</footer>
      </body>
    </html> `.markup;
}

/** "2 of 3 projects up, 1 down". */
function upOf(projects: readonly ProjectStatus[]): string {
  const states = projects.map(projectState);
  const number = (wanted: (typeof states)[number]) => states.filter((state) => state === wanted).length;
  const total = states.length === 1 ? '1 project' : `${states.length} projects`;
  const rest = statesByUrgency.filter((state) => state !== 'up' && number(state) > 0);
  return [`${number('up')} of ${total} up`, ...rest.map((state) => `${number(state)} ${state}`)].join(', ');
}

/** `isChoice`: projects that are up are shown only when they are chosen here. */
function overview(projects: readonly ProjectStatus[], now: number, isChoice: boolean): Html {
  const caption = `Active rooms and participants.${isChoice ? ' Choose a project to see more of it.' : ''}`;
  const rows = projects.map((project) => {
    const { name, failure, hasList, live } = project;
    const shown = published(project);
    const rooms = shown.live?.rooms?.rooms ?? shown.list?.activeRooms;
    const participants = shown.live?.rooms?.participants ?? shown.list?.activeParticipants;
    const polledAt = hasList ? project.lastSuccessAt : live?.lastSuccessAt;
    return [
      html`<a href="./${projectQuery(name)}"><bdi class="name">${name}</bdi></a>
        ${badge(projectState(project), stateInWords(project, now))}
        <small>${(failure ?? live?.failure)?.reason}</small>`,
      rooms === undefined ? '–' : countInWords(rooms),
      participants === undefined ? '–' : countInWords(participants),
      polledAt === undefined ? 'none yet' : distanceInWords(now, polledAt),
    ];
  });
  const columns = ['Project', 'Rooms', 'Participants', 'Polled'];
  return section('projects', 'Projects', undefined, table(caption, columns, rows));
}

function configurationSection(failures: readonly ConfigurationFailure[], now: number): Content {
  const [first] = failures;
  if (!first) return undefined;
  const notes = failures.map(
    ({ what, problems, since }) =>
      html`<div class="failure">
        <p><strong>${what} cannot be used as it is now:</strong></p>
        <ul>
          ${problems.map((problem) => html`<li>${problem}</li>`)}
        </ul>
        <p><small>Since ${utc(since)}. The previous one stays in use.</small></p>
      </div>`,
  );
  const state = badge('down', `Not in use for ${timeSince(first.since, now)}`);
  return section('configuration', 'Configuration', state, notes);
}

function stateNote({ failure, lastWriteAt }: StateStatus): Content {
  if (!failure) return undefined;
  const last = lastWriteAt === undefined ? 'from before this start' : html`of ${utc(lastWriteAt)}`;
  const consequence = html`Counters go on. A restart now would set them back to the last state written,
  ${last}.`;
  return lastingNote('The state cannot be written', failure, consequence);
}

function pushSection(push: PushStatus, now: number): Html {
  const { receiver, protocol, interval, lastSuccessAt, failure } = push;
  const consequence = 'Polls and scrapes go on; counters are whole again with the next push that arrives.';
  const state = failure
    ? badge('down', `Failing for ${timeSince(failure.since, now)}`)
    : lastSuccessAt === undefined
      ? badge('starting', 'Starting')
      : badge('up', 'Arriving');
  const content = html`${failure && failureNote(failure, 'Pushes have failed', consequence)}
  ${facts('words', [
    ['Receiver', html`${receiver} <small>${protocol}, every ${durationInWords(interval)}</small>`],
    ['Last push that arrived', moment(lastSuccessAt, now, 'none yet')],
  ])}`;
  return section('push', 'Push by OTLP', state, content);
}

function sharingSection(sharing: SharingStatus, now: number): Html {
  const consequence = 'Each replica keeps the projects it has; none moves while this lasts.';
  const { name, replicas, elsewhere, failure } = sharing;
  const byReplica = new Map<string | undefined, string[]>();
  for (const { project, replica } of elsewhere)
    byReplica.set(replica, [...(byReplica.get(replica) ?? []), project]);
  const state = failure
    ? badge('down', `Unreachable for ${timeSince(failure.since, now)}`)
    : badge('up', replicas === 1 ? 'Alone' : `${String(replicas)} replicas`);
  const content = html`${failure && lastingNote('The state server cannot be reached', failure, consequence)}
    <p>This is <bdi>${name}</bdi>. It shows numbers of its own projects only.</p>
    <ul>
      ${[...byReplica].map(([replica, projects]) => replicaItem(replica, projects))}
    </ul>`;
  return section('replicas', 'Replicas', state, content);
}

function replicaItem(replica: string | undefined, projects: readonly string[]): Html {
  const shown = projects.slice(0, mostNames).join(', ');
  const more = projects.length > mostNames ? ` and ${String(projects.length - mostNames)} more` : '';
  const who = replica === undefined ? html`<strong>No replica yet</strong>` : html`<bdi>${replica}</bdi>`;
  return html`<li>${who}: ${shown}${more}</li>`;
}
