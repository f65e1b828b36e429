// One project on the pages: what it has now, what is wrong with it, how its polls go.
import { otherLabel } from '../core/room-labels.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../core/snapshot.ts';
import type { LiveStatus, PollProgress, ProjectStatus } from '../poll/poll-status.ts';
import { badge, failureNote, fact, section } from './elements.ts';
import { html, type Html } from './html.ts';

import { bytesInWords, countInWords, countOf, durationInWords, moment, timeSince, utc } from './words.ts';

/** `starting` before the first poll, `listing` while it runs, then whether the last poll was complete. */
export type ProjectState = 'down' | 'starting' | 'listing' | 'up';

/** What needs somebody comes first. */
export const statesByUrgency: readonly ProjectState[] = ['down', 'starting', 'listing', 'up'];

export function projectState({ pollsFinished, progress, failure, live }: ProjectStatus): ProjectState {
  if (failure ?? live?.failure) return 'down';
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
  const failure = project.failure ?? project.live?.failure;
  return failure && now !== undefined ? `${word} for ${timeSince(failure.since, now)}` : word;
}

/** Selects a project, of the pages and of the metrics. A link within a page would not do: a page with `#` is not renewed. */
export function projectQuery(name: string): string {
  // Half a character cannot be written in a URL.
  return `?project=${encodeURIComponent(name.toWellFormed())}`;
}

/** Numbers that the metrics no longer show are not shown here either. */
export function shownSnapshot({ snapshot, gaugesWithdrawn }: ProjectStatus): ProjectSnapshot | undefined {
  return gaugesWithdrawn ? undefined : snapshot;
}

/** `headingId`: the id of its heading, on a page with several. */
export function projectSection(
  project: ProjectStatus,
  now: number,
  telemetryPath: string,
  headingId: string,
): Html {
  const { name, progress, failure, lastSuccessAt, live } = project;
  const content: Html[] = [];
  if (failure) {
    content.push(failureNote(failure, { failing: 'Polls have failed', consequence: consequence(project) }));
  }
  if (live?.failure) {
    const consequence = 'What the session list says is not affected.';
    content.push(failureNote(live.failure, { failing: 'Live polls have failed', consequence }));
  }
  if (progress && lastSuccessAt === undefined) content.push(listingProgress(progress));
  if (live) content.push(liveNumbers(live, now));
  const shown = shownSnapshot(project);
  if (live && project.hasList) content.push(html`<h3>Session list</h3>`);
  if (shown) {
    content.push(
      html`<dl class="numbers">
        ${fact('Rooms', html`${countInWords(shown.activeRooms)}`)}
        ${fact('Sessions', html`${countInWords(shown.activeSessions)}`)}
        ${fact('Participants', html`${countInWords(shown.activeParticipants)}`)}
        ${fact('Egresses', html`${countInWords(shown.activeEgresses)}`)}
      </dl>`,
    );
  }
  if (project.hasList) content.push(facts(project, now));
  if (shown) content.push(roomTable(shown));
  content.push(
    html`<p class="links"><a href=".${telemetryPath}${projectQuery(name)}">Metrics of this project</a></p>`,
  );
  const state = badge(projectState(project), stateInWords(project, now));
  return section(headingId, html`<bdi class="name">${name}</bdi>`, state, content);
}

/** What is true now; beside it what the session list says, which is minutes late. */
function liveNumbers({ snapshot, gaugesWithdrawn, lastSuccessAt }: LiveStatus, now: number): Html {
  const { rooms, egresses, unconfirmedSessions = 0 } = gaugesWithdrawn ? {} : (snapshot ?? {});
  const egressCount = Object.values(egresses?.running ?? {}).reduce((sum, count) => sum + count, 0);
  const unconfirmed = html`<p>
    ${countOf(unconfirmedSessions, 'session')} that the session list calls active
    ${unconfirmedSessions === 1 ? 'has' : 'have'} no room any more.
  </p>`;
  return html`<h3>Live</h3>
    ${
      rooms
        ? html`<dl class="numbers">
            ${fact('Rooms', html`${countInWords(rooms.rooms)}`)}
            ${fact('Empty rooms', html`${countInWords(rooms.emptyRooms)}`)}
            ${fact('Participants', html`${countInWords(rooms.participants)}`)}
            ${egresses ? fact('Egresses', html`${countInWords(egressCount)}`) : html``}
          </dl>`
        : html``
    }
    ${unconfirmedSessions > 0 ? unconfirmed : html``}
    <dl>${fact('Last complete live poll', moment(lastSuccessAt, now, 'none yet'))}</dl>`;
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
  const { progress, failure, lastPollAt, lastSuccessAt, lastDuration, snapshot, windowComplete } = project;
  const took =
    lastDuration === undefined ? html`` : html` <small>took ${durationInWords(lastDuration)}</small>`;
  const lastPoll = failure ? fact('Last poll', html`${moment(lastPollAt, now, 'none yet')}${took}`) : html``;
  const lastComplete = html`${moment(lastSuccessAt, now, 'none yet')}${failure ? html`` : took}`;
  const isOlderToCome = lastSuccessAt !== undefined && !windowComplete;
  const olderToCome = isOlderToCome ? html` <small>older days are still being listed</small>` : html``;
  return html`<dl>
    ${lastPoll} ${fact('Last complete poll', lastComplete)}
    ${
      progress
        ? fact('This poll', runningPoll(progress, now))
        : fact('Next poll', nextPoll(project.nextPollAt, now))
    }
    ${fact('Sessions tracked', html`${countInWords(snapshot?.trackedSessions ?? 0)}${olderToCome}`)}
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

const roomsShown = 10;
/** In characters. */
const nameLimit = 64;

/** The roles are what the elements mean anyway; some browsers forget that where a style sheet stacks the cells. */
function roomTable({ rooms, foldedRooms }: ProjectSnapshot): Html {
  const busiest = busiestRooms(rooms);
  if (busiest.length === 0) return html``;
  const folded =
    foldedRooms > 0
      ? html`<p>
          <small>${countOf(foldedRooms, 'more active room')} in <code>room="__other__"</code>.</small>
        </p>`
      : html``;
  return html`<table role="table" class="stack rooms">
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
        ${busiest.map(
          (room) =>
            html`<tr role="row">
              <th role="rowheader" scope="row">${roomName(room.name)}</th>
              <td role="cell" data-label="Sessions">${countInWords(room.activeSessions)}</td>
              <td role="cell" data-label="Participants">${countInWords(room.activeParticipants)}</td>
              <td role="cell" data-label="Uploaded">${bytesInWords(room.sessionBandwidthIn)}</td>
              <td role="cell" data-label="Downloaded">${bytesInWords(room.sessionBandwidthOut)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${folded}`;
}

/** Goes through all rooms once instead of sorting them: the page must not hold up a scrape. */
function busiestRooms(rooms: readonly RoomSnapshot[]): RoomSnapshot[] {
  const busiest: RoomSnapshot[] = [];
  for (const room of rooms) {
    if (room.activeSessions === 0 || room.name === otherLabel) continue;
    const place = busiest.findLastIndex((other) => other.activeParticipants >= room.activeParticipants) + 1;
    if (place >= roomsShown) continue;
    busiest.splice(place, 0, room);
    busiest.length = Math.min(busiest.length, roomsShown);
  }
  return busiest;
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
