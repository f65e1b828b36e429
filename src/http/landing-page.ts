// The page for people, from the program's status alone: which project is up, and what to do about one that
// is not. It needs no script and loads nothing; it renews itself.
import { html, type Html } from './html.ts';
import { landingStyle } from './landing-style.ts';
import { utc } from './moments.ts';
import { overview } from './overview.ts';
import { projectSection } from './project-section.ts';
import { pushSection } from './push-section.ts';
import { projectState, stateInWords, statesByUrgency, summary } from './project-state.ts';
import { distanceInWords } from './quantities.ts';
import type { ProgramStatus, ProjectStatus } from './status.ts';

export { landingPagePolicy } from './landing-style.ts';

/** Of more projects than these, those that are up have only a line in the table and a page of their own. */
const mostInFull = 8;

/** All projects, those that need somebody first. Links are relative, so that they hold behind a proxy that adds a path. */
export function landingPage(status: ProgramStatus, telemetryPath: string): string {
  const projects = byUrgency(status.projects);
  const isLong = projects.length > mostInFull;
  const inFull = projects.filter((project) => !isLong || projectState(project) !== 'up');
  const table = projects.length > 1 ? overview(projects, status.now, isLong) : html``;
  const sections = inFull.map((project, index) =>
    projectSection(project, { now: status.now, telemetryPath, headingId: `project-${index + 1}` }),
  );
  const push = status.push ? pushSection(status.push, status.now) : html``;
  const main = html`<main>${stateNote(status.state)} ${table} ${sections} ${push}</main>`;
  const pushesFail = status.push?.failure ? '; pushes fail' : '';
  const stateFails = status.state?.failure ? '; state cannot be written' : '';
  return page(status, {
    projects,
    telemetryPath,
    summary: `${summary(projects)}${pushesFail}${stateFails}`,
    main,
  });
}

/** One project; undefined when there is none of this name. */
export function projectPage(status: ProgramStatus, telemetryPath: string, name: string): string | undefined {
  const project = status.projects.find((candidate) => candidate.name === name);
  if (!project) return undefined;
  const others = status.projects.length > 1 ? html`<p><a href="./">All projects</a></p>` : html``;
  const section = projectSection(project, { now: status.now, telemetryPath, headingId: 'project' });
  const main = html`<main>${others} ${section}</main>`;
  return page(status, {
    projects: [project],
    telemetryPath,
    summary: `${name}: ${stateInWords(project)}`,
    main,
  });
}

function stateNote(state: ProgramStatus['state']): Html {
  if (!state?.failure) return html``;
  const { failure, lastWriteAt } = state;
  const last = lastWriteAt === undefined ? html`before this start` : html`at ${utc(lastWriteAt)}`;
  return html`<div class="failure">
    <p><strong>The state cannot be written since ${utc(failure.since)}:</strong> ${failure.message}</p>
    <p>
      <small
        >Counters go on. A restart would set them back to the last state written, ${last}, until this is
        mended.</small
      >
    </p>
  </div>`;
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
        ${landingStyle}
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
