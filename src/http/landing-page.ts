// The page for people, from the program's status alone: which project is up, and what to do about one that
// is not. It needs no script and loads nothing; it renews itself.
import { html } from './html.ts';
import { landingStyle } from './landing-style.ts';
import { projectSection, projectState } from './project-section.ts';
import { distanceInWords, utcTime } from './quantities.ts';
import type { ProgramStatus } from './status.ts';

export { landingPagePolicy } from './landing-style.ts';

/** Links are relative to the page, so that they hold behind a proxy that adds a path. */
export function landingPage(status: ProgramStatus, telemetryPath: string): string {
  const { projects, now } = status;
  const states = projects.map(projectState);
  const unsettled = states.some((state) => state === 'starting' || state === 'listing');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="${unsettled ? 5 : 30}" />
        <meta name="robots" content="noindex" />
        <title>${summary(states)} · LiveKit Cloud exporter</title>
        ${landingStyle}
      </head>
      <body>
        <header>
          <h1>LiveKit Cloud exporter</h1>
          <p>${summary(states)}.</p>
          <nav aria-label="Pages for machines">
            <a href=".${telemetryPath}">Metrics</a><a href="./-/healthy">Health</a
            ><a href="./-/ready">Readiness</a>
          </nav>
        </header>
        <main>${projects.map((project) => projectSection(project, now))}</main>
        <footer>
          Version ${status.version}, started ${distanceInWords(now, status.startedAt)}. State of
          ${utcTime(now)}; this page renews itself every ${unsettled ? 5 : 30} seconds.
        </footer>
      </body>
    </html> `.markup;
}

/** "2 of 3 projects are up, 1 is listing": the whole state in the first line, and in the tab's title. */
function summary(states: readonly string[]): string {
  const number = (wanted: string) => states.filter((state) => state === wanted).length;
  const total = states.length === 1 ? '1 project' : `${states.length} projects`;
  const rest = ['down', 'listing', 'starting'].filter((state) => number(state) > 0);
  return [`${number('up')} of ${total} up`, ...rest.map((state) => `${number(state)} ${state}`)].join(', ');
}
