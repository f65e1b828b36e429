// One project on the pages: what it has now, what is wrong with it, how its polls go.
import { badge, failureNote, fact, section } from './elements.ts';
import { html, type Html } from './html.ts';
import type { DetailsStatus, PollProgress, ProjectStatus, RequestBudget, RoomStatus } from './status.ts';
import { bytesInWords, countInWords, countOf, durationInWords, moment, timeSince, utc } from './words.ts';

/** `starting` before the first poll, `listing` while it runs, then whether the last poll was complete. */
export type ProjectState = 'down' | 'starting' | 'listing' | 'up';

/** What needs somebody comes first. */
export const statesByUrgency: readonly ProjectState[] = ['down', 'starting', 'listing', 'up'];

export function projectState({ pollsFinished, progress, failure }: ProjectStatus): ProjectState {
  if (failure) return 'down';
  if (pollsFinished > 0) return 'up';
  return progress ? 'listing' : 'starting';
}

const stateWords: Readonly<Record<ProjectState, string>> = {
  down: 'Down',
  starting: 'Starting',
  listing: 'Listing for the first time',
  up: 'Up',
};

/** "Down for 3 min", "Up". Without `now`: "Down". */
export function stateInWords(project: ProjectStatus, now?: number): string {
  const word = stateWords[projectState(project)];
  return project.failure && now !== undefined ? `${word} for ${timeSince(project.failure.since, now)}` : word;
}

/** Selects a project, of the pages and of the metrics. A link within a page would not do: a page with `#` is not renewed. */
export function projectQuery(name: string): string {
  // Half a character cannot be written in a URL.
  return `?project=${encodeURIComponent(name.toWellFormed())}`;
}

export interface ProjectSectionOptions {
  readonly now: number;
  readonly telemetryPath: string;
  /** The id of its heading, on a page with several. */
  readonly headingId: string;
}

export function projectSection(
  project: ProjectStatus,
  { now, telemetryPath, headingId }: ProjectSectionOptions,
): Html {
  const { name, progress, failure, active, busiestRooms, gaugesWithdrawn } = project;
  const content: Html[] = [];
  if (failure) {
    content.push(failureNote(failure, { failing: 'Polls have failed', consequence: consequence(project) }));
  }
  if (progress && project.lastSuccessAt === undefined) content.push(listingProgress(progress));
  // Numbers that the metrics no longer show are not shown here either.
  if (active && !gaugesWithdrawn) {
    content.push(
      html`<dl class="numbers">
        ${fact('Rooms', html`${countInWords(active.rooms)}`)}
        ${fact('Sessions', html`${countInWords(active.sessions)}`)}
        ${fact('Participants', html`${countInWords(active.participants)}`)}
        ${fact('Egresses', html`${countInWords(active.egresses)}`)}
      </dl>`,
    );
  }
  content.push(facts(project, now));
  if (busiestRooms.length > 0 && !gaugesWithdrawn) content.push(roomTable(busiestRooms));
  content.push(
    html`<p class="links"><a href=".${telemetryPath}${projectQuery(name)}">Metrics of this project</a></p>`,
  );
  return section(headingId, {
    title: html`<bdi class="name">${name}</bdi>`,
    state: badge(projectState(project), stateInWords(project, now)),
    content,
  });
}

function consequence({ lastSuccessAt, gaugesWithdrawn }: ProjectStatus): string {
  if (lastSuccessAt === undefined) return 'No poll has been complete yet: there are no values to show.';
  return gaugesWithdrawn
    ? 'The last complete poll is too old: its gauges are no longer in the metrics, the counters stay.'
    : 'Until the next complete poll the values of the last one stay in the metrics.';
}

function listingProgress({ startedAt, pages, rows, windowStart, oldestStart }: PollProgress): Html {
  const read = html`Listing the sessions since ${utc(windowStart)}: ${countOf(pages, 'page')},
  ${countOf(rows, 'session')}`;
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
  const { progress, failure, lastPollAt, lastSuccessAt, lastDuration, details, budget } = project;
  const took =
    lastDuration === undefined ? html`` : html` <small>took ${durationInWords(lastDuration)}</small>`;
  const lastPoll = failure ? fact('Last poll', html`${moment(lastPollAt, now, 'none yet')}${took}`) : html``;
  const lastComplete = html`${moment(lastSuccessAt, now, 'none yet')}${failure ? html`` : took}`;
  return html`<dl>
    ${lastPoll} ${fact('Last complete poll', lastComplete)}
    ${
      progress
        ? fact('This poll', runningPoll(progress, now))
        : fact('Next poll', nextPoll(project.nextPollAt, now))
    }
    ${fact('Requests in the last minute', requests(budget))} ${fact('Sessions tracked', tracked(project))}
    ${details ? fact('Session details', detailsRead(details, now)) : html``}
  </dl>`;
}

function runningPoll({ startedAt, pages }: PollProgress, now: number): Html {
  return html`running for ${durationInWords(Math.max(0, now - startedAt))}
    <small>${countOf(pages, 'page')}</small>`;
}

/** One that is due has not begun yet: that it is "5 s ago" would make no sense. */
function nextPoll(at: number | undefined, now: number): Html {
  return at !== undefined && at - now < 1 ? html`about to begin` : moment(at, now, 'not planned');
}

function requests(budget: RequestBudget): Html {
  const { requestsPerMinute, lastPollRequests, lastMinuteRequests, lastMinuteWaitSeconds } = budget;
  const share = `${countInWords(lastMinuteRequests)} of ${countInWords(requestsPerMinute)}`;
  const notes = [
    ...(lastPollRequests === undefined ? [] : [`${countInWords(lastPollRequests)} in the last poll`]),
    lastMinuteWaitSeconds > 0
      ? `waited ${durationInWords(lastMinuteWaitSeconds)} for the budget`
      : 'none waited for the budget',
  ];
  return html`${share} allowed
    <meter
      aria-label="Requests of those allowed"
      max="${requestsPerMinute}"
      high="${0.8 * requestsPerMinute}"
      optimum="0"
      value="${lastMinuteRequests}"
    >
      ${share}
    </meter>
    <small>${notes.join(', ')}</small>`;
}

function tracked({ trackedSessions, windowComplete, lastSuccessAt }: ProjectStatus): Html {
  const olderToCome = lastSuccessAt !== undefined && !windowComplete;
  const note = olderToCome ? html` <small>older days are still being listed</small>` : html``;
  return html`${countInWords(trackedSessions)}${note}`;
}

/** Seconds; a session that waits for longer makes connection time late. The board for Grafana turns yellow here, too. */
const detailsBehindAfter = 600;

function detailsRead(details: DetailsStatus, now: number): Html {
  const { isRead, oldestReading, waiting, dropped } = details;
  const reasons = dropped.map(({ reason, sessions }) => `${countInWords(sessions)} for ${reason}`);
  const total = dropped.reduce((sum, { sessions }) => sum + sessions, 0);
  const givenUp = `${countInWords(total)} given up since the start (${reasons.join(', ')})`;
  const notes = `${countOf(waiting, 'session')} to be read, ${total > 0 ? givenUp : 'none given up'}`;
  const state = () => {
    if (!isRead) return 'not read yet';
    if (oldestReading === undefined) return 'no session is active';
    const age = timeSince(oldestReading, now);
    return now - oldestReading > detailsBehindAfter ? `behind by ${age}` : `all read within the last ${age}`;
  };
  return html`${state()} <small>${notes}</small>`;
}

const roomsShown = 10;
/** In characters. */
const nameLimit = 64;

/** The roles are what the elements mean anyway; some browsers forget that where a style sheet stacks the cells. */
function roomTable(rooms: readonly RoomStatus[]): Html {
  return html`<table role="table" class="stack">
    <caption>
      Busiest rooms now, with what they have moved so far
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Room</th>
        <th role="columnheader" scope="col">Sessions</th>
        <th role="columnheader" scope="col">Participants</th>
        <th role="columnheader" scope="col">Uploaded</th>
        <th role="columnheader" scope="col">Downloaded</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rooms.slice(0, roomsShown).map(
        (room) =>
          html`<tr role="row">
            <th role="rowheader" scope="row">${roomName(room.name)}</th>
            <td role="cell" data-label="Sessions">${countInWords(room.sessions)}</td>
            <td role="cell" data-label="Participants">${countInWords(room.participants)}</td>
            <td role="cell" data-label="Uploaded">${bytesInWords(room.bandwidthIn)}</td>
            <td role="cell" data-label="Downloaded">${bytesInWords(room.bandwidthOut)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Isolated, so that a name written from right to left does not move its neighbours. */
function roomName(name: string): Html {
  if (name.trim() === '') return html`<i>(room without a name)</i>`;
  const characters = [...name];
  if (characters.length <= nameLimit) return html`<bdi class="name">${name}</bdi>`;
  const beginning = characters.slice(0, nameLimit).join('');
  return html`<bdi class="name">${beginning}…</bdi>
    <small>(${countInWords(characters.length)} characters)</small>`;
}
