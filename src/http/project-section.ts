// One project on the pages: what it has now, what is wrong with it, how its polls go.
import type { LiveSnapshot } from '../core/live-ledger.ts';
import type { LiveRoomSnapshot } from '../core/live.ts';
import { otherLabel } from '../core/room-labels.ts';
import { type MonthUse, monthUse, type Plan } from '../core/plan.ts';
import type { ProjectSnapshot, RoomSnapshot } from '../core/snapshot.ts';
import { utcMonth } from '../core/utc-month.ts';
import type { PollProgress, ProjectStatus } from '../poll/poll-status.ts';
import { badge, facts, failureNote, type Look, section, table } from './elements.ts';
import { html, type Content, type Html } from './html.ts';
import type { ProgramStatus } from './status.ts';
import {
  amountInWords,
  bytesInWords,
  countInWords,
  countOf,
  dollarsInWords,
  durationInWords,
  moment,
  timeSince,
  utc,
} from './words.ts';

/** In words, those first that need attention. */
const stateWords: Readonly<Record<Look, string>> = {
  down: 'Down',
  starting: 'Starting',
  listing: 'First listing',
  up: 'Up',
};
export const statesByUrgency = Object.keys(stateWords) as readonly Look[];

export function projectState({ pollsFinished, progress, failure, live }: ProjectStatus): Look {
  if (failure ?? live?.failure) return 'down';
  if (pollsFinished > 0) return 'up';
  return progress ? 'listing' : 'starting';
}

/** "Down for 3 min", "Up". Without `now`: "Down". */
export function stateInWords(project: ProjectStatus, now?: number): string {
  const word = stateWords[projectState(project)];
  const failure = project.failure ?? project.live?.failure;
  return failure && now !== undefined ? `${word} for ${timeSince(failure.since, now)}` : word;
}

/** Selects a project, on the pages and in the metrics. Not a link within the page: one with `#` does not refresh. */
export function projectQuery(name: string): string {
  // A lone surrogate cannot be written in a URL.
  return `?project=${encodeURIComponent(name.toWellFormed())}`;
}

/** The numbers of a project that the metrics show now: withdrawn ones are not shown here either. */
export function published({ snapshot, gaugesWithdrawn, live }: ProjectStatus) {
  return {
    list: gaugesWithdrawn ? undefined : snapshot,
    live: live?.gaugesWithdrawn ? undefined : live?.snapshot,
  };
}

interface PageContext extends Pick<ProgramStatus, 'now' | 'grafanaUrl'> {
  readonly telemetryPath: string;
}

export function projectSection(project: ProjectStatus, context: PageContext, headingId: string): Html {
  const { name, progress, failure, lastSuccessAt, live, hasList, plan } = project;
  const { now, telemetryPath, grafanaUrl } = context;
  const shown = published(project);
  const liveFailure = live?.failure;
  const content = html`${failure && failureNote(failure, 'Polls have failed', consequence(project))}
    ${liveFailure && failureNote(liveFailure, 'Live polls have failed', 'The session list is not affected.')}
    ${progress && lastSuccessAt === undefined && listingProgress(progress)}
    ${
      live &&
      html`<h3>Live</h3>
        ${shown.live && liveNumbers(shown.live, plan)}
        ${facts('words', [['Last complete live poll', moment(live.lastSuccessAt, now, 'none yet')]])}`
    }
    ${live && hasList && html`<h3>Session list</h3>`}
    ${
      shown.list &&
      facts('numbers', [
        ['Rooms', countInWords(shown.list.activeRooms)],
        ['Sessions', countInWords(shown.list.activeSessions)],
        ['Participants', ofLimit(shown.list.activeParticipants, plan?.limits.participants)],
        ['Egresses', ofLimit(shown.list.activeEgresses, plan?.limits.egresses)],
      ])
    }
    ${hasList && pollFacts(project, now)}
    ${monthFacts(monthUse({ plan, hasList, list: shown.list?.month, live: shown.live?.egresses?.month }), plan)}
    ${roomTables(shown, project, grafanaUrl)}
    <p class="links">
      <a href=".${telemetryPath}${projectQuery(name)}">Metrics of this project</a>
      ${grafanaUrl !== '' && html`<a href="${boardUrl(grafanaUrl, 'overview', { project: name })}">Board of this project</a>`}
    </p>`;
  const state = badge(projectState(project), stateInWords(project, now));
  return section(headingId, html`<bdi class="name">${name}</bdi>`, state, content);
}

/** A board of grafana/dashboards, with its variables set. */
function boardUrl(grafanaUrl: string, board: 'overview' | 'room', variables: Record<string, string>): string {
  const query = Object.entries(variables).map(
    ([name, value]) => `var-${name}=${encodeURIComponent(value.toWellFormed())}`,
  );
  return `${grafanaUrl}/d/livekit-cloud-${board}?${query.join('&')}`;
}

/** "812", of what the plan allows where that is known. */
function ofLimit(amount: number, limit: number | undefined, inWords = countInWords, what = ''): Html {
  return html`${inWords(amount)}${limit !== undefined && html` <small>of ${inWords(limit)}${what}</small>`}`;
}

function monthFacts(use: MonthUse, plan: Plan | undefined): Content {
  const { connectionSeconds, downstreamBytes, egressSeconds, cost, coveredSince } = use;
  if (coveredSince === undefined) return undefined;
  const { included, budget } = plan ?? {};
  const meter = (name: string, unit: number, used: number | undefined, most: number | undefined) =>
    used !== undefined &&
    ([name, ofLimit(used / unit, most === undefined ? most : most / unit, amountInWords)] as const);
  const isWhole = coveredSince === utcMonth(coveredSince).begin;
  return html`<h3>This month</h3>
    ${facts('wide numbers', [
      cost !== undefined && ['Cost so far', ofLimit(cost, budget, dollarsInWords, ' budget')],
      meter('Connection minutes', 60, connectionSeconds, included?.connectionSeconds),
      meter('Downstream GB', 1e9, downstreamBytes, included?.downstreamBytes),
      meter('Egress minutes', 60, egressSeconds, included?.egressSeconds),
    ])}
    <p>
      <small>Complete since ${utc(coveredSince)}${!isWhole && ': earlier use may be missing'}.</small>
    </p>`;
}

function liveNumbers(
  { rooms, egresses, unconfirmedSessions = 0 }: LiveSnapshot,
  plan: ProjectStatus['plan'],
): Html {
  const egressCount = Object.values(egresses?.running ?? {}).reduce((sum, count) => sum + count, 0);
  return html`${
    rooms &&
    facts('numbers', [
      ['Rooms', countInWords(rooms.rooms)],
      ['Empty rooms', countInWords(rooms.emptyRooms)],
      ['Participants', ofLimit(rooms.participants, plan?.limits.participants)],
      egresses && ['Egresses', ofLimit(egressCount, plan?.limits.egresses)],
    ])
  }
  ${
    unconfirmedSessions > 0 &&
    html`<p>
      ${countOf(unconfirmedSessions, 'session')} that the session list calls active
      ${unconfirmedSessions === 1 ? 'has' : 'have'} no room any more.
    </p>`
  }`;
}

function consequence({ lastSuccessAt, gaugesWithdrawn }: ProjectStatus): string {
  if (lastSuccessAt === undefined) return 'No poll has been complete yet: there are no values to show.';
  return gaugesWithdrawn
    ? 'The last complete poll is too old: its gauges are no longer in the metrics, the counters stay.'
    : 'Until the next complete poll the values of the last one stay in the metrics.';
}

function listingProgress(progress: PollProgress): Html {
  const { startedAt, pages, rows, windowStart, oldestStart } = progress;
  const reached = Math.max(windowStart, Math.min(oldestStart, startedAt));
  const percent = Math.floor((100 * (startedAt - reached)) / (startedAt - windowStart));
  return html`<p>
      Listing the sessions since ${utc(windowStart)}: ${countOf(pages, 'page')}, ${countOf(rows, 'session')},
      back to ${utc(reached)} (${percent} %).
    </p>
    <progress aria-label="Listing" max="100" value="${percent}">${percent} %</progress>`;
}

function pollFacts(project: ProjectStatus, now: number): Html {
  const { progress, failure, lastPollAt, lastSuccessAt, lastDuration, nextPollAt, snapshot } = project;
  const took = lastDuration !== undefined && html` <small>took ${durationInWords(lastDuration)}</small>`;
  const isOlderToCome = lastSuccessAt !== undefined && !project.windowComplete;
  // A poll can be due and not have begun yet: "next poll 5 s ago" would make no sense.
  const isDue = nextPollAt !== undefined && nextPollAt - now < 1;
  return facts('words', [
    failure && ['Last poll', html`${moment(lastPollAt, now, 'none yet')}${took}`],
    ['Last complete poll', html`${moment(lastSuccessAt, now, 'none yet')}${!failure && took}`],
    progress
      ? ['This poll', `running for ${timeSince(progress.startedAt, now)}`]
      : ['Next poll', isDue ? 'about to begin' : moment(nextPollAt, now, 'not planned')],
    [
      'Sessions tracked',
      html`${countInWords(snapshot?.trackedSessions ?? 0)}
      ${isOlderToCome && html` <small>older days are still being listed</small>`}`,
    ],
  ]);
}

const roomsShown = 10;

/** With a live source the rooms are shown as it sees them. */
function roomTables(
  { live, list }: ReturnType<typeof published>,
  project: ProjectStatus,
  grafanaUrl: string,
): Html {
  const nameOf = (room: string) => roomName(room, project.name, grafanaUrl);
  const { groups = [], foldedRooms = 0 } = list ?? {};
  return html`${live?.rooms ? liveRooms(live.rooms.published, list, nameOf) : activityTable('Room', list?.rooms ?? [], nameOf)}
  ${
    foldedRooms > 0 &&
    html`<p>
      <small>${countOf(foldedRooms, 'more active room')} in <code>room="__other__"</code>.</small>
    </p>`
  }
  ${activityTable('Group', groups, (group) => html`<bdi class="name">${group}</bdi>`)}`;
}

function activityTable(
  thing: 'Room' | 'Group',
  rooms: readonly RoomSnapshot[],
  nameOf: (name: string) => Html,
): Content {
  const participants = (room: RoomSnapshot) => (room.activeSessions > 0 ? room.activeParticipants : -1);
  const rows = busiest(rooms, participants).map((room) => [
    nameOf(room.name),
    countInWords(room.activeSessions),
    countInWords(room.activeParticipants),
    bytesInWords(room.sessionBandwidthIn),
    bytesInWords(room.sessionBandwidthOut),
  ]);
  const caption = `Busiest ${thing.toLowerCase()}s now, with the bytes of their sessions so far`;
  return table(caption, [thing, 'Sessions', 'Participants', 'Uploaded', 'Downloaded'], rows);
}

function liveRooms(
  rooms: readonly LiveRoomSnapshot[],
  list: ProjectSnapshot | undefined,
  nameOf: (name: string) => Html,
): Content {
  const rows = busiest(rooms, ({ participants }) => participants || -1).map((room) => {
    const listed = list?.rooms.find(({ name }) => name === room.name);
    const bytes = [listed?.sessionBandwidthIn, listed?.sessionBandwidthOut];
    return [
      nameOf(room.name),
      countInWords(room.participants),
      countInWords(room.publishers),
      ...(list ? bytes.map((moved) => (moved === undefined ? '–' : bytesInWords(moved))) : []),
    ];
  });
  const columns = ['Room', 'Participants', 'Publishers', ...(list ? ['Uploaded', 'Downloaded'] : [])];
  return table('Busiest rooms now', columns, rows);
}

/** Goes through all rooms once instead of sorting them: the page must not hold up a scrape. Negative: not active. */
function busiest<Room extends { readonly name: string }>(
  rooms: readonly Room[],
  participants: (room: Room) => number,
): Room[] {
  const first: Room[] = [];
  for (const room of rooms) {
    const count = participants(room);
    if (room.name === otherLabel || count < 0) continue;
    const place = first.findLastIndex((other) => participants(other) >= count) + 1;
    if (place >= roomsShown) continue;
    first.splice(place, 0, room);
    first.length = Math.min(first.length, roomsShown);
  }
  return first;
}

/** Isolated, so that a name written from right to left does not move its neighbours. The style sheet cuts long ones. */
function roomName(room: string, project: string, grafanaUrl: string): Html {
  const name =
    room.trim() === '' ? html`<i>(room without a name)</i>` : html`<bdi class="name">${room}</bdi>`;
  if (grafanaUrl === '') return name;
  return html`<a href="${boardUrl(grafanaUrl, 'room', { project, room })}">${name}</a>`;
}
