// One project on the landing page.
import { html, type Html } from './html.ts';
import { bytesInWords, countInWords, distanceInWords, durationInWords, utcTime } from './quantities.ts';
import type { PollProgress, ProjectFailure, ProjectStatus, RoomStatus } from './status.ts';

/** `starting` before the first poll, `listing` while it runs, then whether the last poll was complete. */
export type ProjectState = 'starting' | 'listing' | 'up' | 'down';

export function projectState({ pollsFinished, progress, failure }: ProjectStatus): ProjectState {
  if (failure) return 'down';
  if (pollsFinished > 0) return 'up';
  return progress ? 'listing' : 'starting';
}

/** Each with a sign of its own, so that nobody has to tell colours apart. */
const stateWords: Readonly<Record<ProjectState, string>> = {
  starting: '○ Starting',
  listing: '◔ Listing for the first time',
  up: '✓ Up',
  down: '✕ Down',
};

const roomsShown = 10;

export function projectSection(project: ProjectStatus, now: number): Html {
  const state = projectState(project);
  const since = project.failure
    ? ` for ${durationInWords(Math.max(0, Math.round(now - project.failure.since)))}`
    : '';
  return html`<section>
    <header>
      <h2><bdi>${project.name}</bdi></h2>
      <span class="state ${state}">${stateWords[state]}${since}</span>
    </header>
    ${parts(project, now)}
  </section>`;
}

function parts(project: ProjectStatus, now: number): Html[] {
  const { progress, failure, active, busiestRooms, gaugesWithdrawn } = project;
  const shown: Html[] = [];
  if (failure) shown.push(failureNote(project, failure, now));
  if (progress && project.lastSuccessAt === undefined) shown.push(listingProgress(progress));
  // Numbers that the metrics no longer show are not shown here either.
  if (active && !gaugesWithdrawn) {
    shown.push(
      html`<dl class="numbers">
        ${number('Rooms', active.rooms)} ${number('Sessions', active.sessions)}
        ${number('Participants', active.participants)} ${number('Egresses', active.egresses)}
      </dl>`,
    );
  }
  shown.push(facts(project, now));
  if (busiestRooms.length > 0 && !gaugesWithdrawn) shown.push(roomTable(busiestRooms.slice(0, roomsShown)));
  return shown;
}

function failureNote(project: ProjectStatus, failure: ProjectFailure, now: number): Html {
  return html`<div class="failure">
    <p><strong>What happened:</strong> ${failure.message} <small>(reason ${failure.reason})</small></p>
    <p><strong>What to do:</strong> ${failure.remedy}</p>
    <p><small>Polls have failed since ${time(failure.since, now)}. ${consequence(project)}</small></p>
  </div>`;
}

function consequence({ lastSuccessAt, gaugesWithdrawn }: ProjectStatus): string {
  if (lastSuccessAt === undefined) return 'No poll has been complete yet: there are no values to show.';
  return gaugesWithdrawn
    ? 'The last complete poll is too old: its gauges are no longer in the metrics, the counters stay.'
    : 'Until the next complete poll the values of the last one stay in the metrics.';
}

function listingProgress({ startedAt, pages, rows, windowStart, oldestStart }: PollProgress): Html {
  const read = html`Listing the sessions since ${utc(windowStart)}: ${countInWords(pages)} pages,
  ${countInWords(rows)} sessions`;
  if (oldestStart === undefined) {
    return html`<p>${read}.</p>
      <progress aria-label="Listing"></progress>`;
  }
  const reached = Math.max(windowStart, Math.min(oldestStart, startedAt));
  const percent =
    startedAt > windowStart ? Math.floor((100 * (startedAt - reached)) / (startedAt - windowStart)) : 100;
  return html`<p>${read}, back to ${utc(reached)} (${percent} %).</p>
    <progress aria-label="Listing" max="100" value="${percent}">${percent} %</progress>`;
}

function facts(project: ProjectStatus, now: number): Html {
  const { progress, lastPollAt, lastSuccessAt, lastDuration, nextPollAt, budget } = project;
  const used = budget.lastPollRequests;
  const next = progress
    ? html`running for ${durationInWords(Math.max(0, now - progress.startedAt))}:
      ${countInWords(progress.pages)} pages`
    : timeOrNever(nextPollAt, now, 'not planned');
  return html`<dl>
    ${fact('Last poll', timeOrNever(lastPollAt, now, 'none yet'))}
    ${fact('Last complete poll', timeOrNever(lastSuccessAt, now, 'none yet'))}
    ${fact('Last poll took', html`${lastDuration === undefined ? 'not known yet' : durationInWords(lastDuration)}`)}
    ${fact(progress ? 'This poll' : 'Next poll', next)}
    ${fact('Sessions tracked', html`${countInWords(project.trackedSessions)}`)}
    ${fact(
      'Requests',
      html`${used === undefined ? '' : `${countInWords(used)} in the last poll, `}at most
      ${countInWords(budget.requestsPerMinute)} a minute`,
    )}
  </dl>`;
}

function roomTable(rooms: readonly RoomStatus[]): Html {
  return html`<div class="scroll" role="region" aria-label="Busiest rooms" tabindex="0">
    <table>
      <caption>
        Busiest rooms now, volumes so far
      </caption>
      <thead>
        <tr>
          <th scope="col">Room</th>
          <th scope="col">Sessions</th>
          <th scope="col">Participants</th>
          <th scope="col">Uploaded</th>
          <th scope="col">Downloaded</th>
        </tr>
      </thead>
      <tbody>
        ${rooms.map(
          (room) =>
            html`<tr>
              <th scope="row">${roomName(room.name)}</th>
              <td>${countInWords(room.sessions)}</td>
              <td>${countInWords(room.participants)}</td>
              <td>${bytesInWords(room.bandwidthIn)}</td>
              <td>${bytesInWords(room.bandwidthOut)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** In characters. */
const nameLimit = 64;

/** Isolated, so that a name written from right to left does not move its neighbours. */
function roomName(name: string): Html {
  if (name.trim() === '') return html`<i>(room without a name)</i>`;
  const characters = [...name.slice(0, 2 * nameLimit)];
  const cut = name.length > 2 * nameLimit || characters.length > nameLimit;
  return html`<bdi>${cut ? `${characters.slice(0, nameLimit).join('')}…` : name}</bdi>`;
}

function number(name: string, value: number): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${countInWords(value)}</dd>
  </div>`;
}

function fact(name: string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function timeOrNever(at: number | undefined, now: number, never: string): Html {
  return at === undefined ? html`${never}` : time(at, now);
}

function time(at: number, now: number): Html {
  return html`${utc(at)} (${distanceInWords(now, at)})`;
}

function utc(at: number): Html {
  return html`<time datetime="${utcTime(at)}">${utcTime(at)}</time>`;
}
