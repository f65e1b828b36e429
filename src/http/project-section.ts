// One project on the landing page: what it has now, what is wrong with it, how its polls go.
import { detailsFact } from './details-fact.ts';
import { fact } from './facts.ts';
import { failureNote } from './failure-note.ts';
import { html, type Html } from './html.ts';
import { countOf, moment, utc } from './moments.ts';
import { projectMetricsLink } from './project-link.ts';
import { stateBadge } from './project-state.ts';
import { countInWords, durationInWords } from './quantities.ts';
import { roomTable } from './room-table.ts';
import type { PollProgress, ProjectStatus, RequestBudget } from './status.ts';

export interface SectionOptions {
  readonly now: number;
  readonly telemetryPath: string;
  /** The id of its heading, on a page with several. */
  readonly headingId: string;
}

export function projectSection(project: ProjectStatus, options: SectionOptions): Html {
  const { now, telemetryPath, headingId } = options;
  return html`<section aria-labelledby="${headingId}">
    <header>
      <h2 id="${headingId}"><bdi class="name">${project.name}</bdi></h2>
      ${stateBadge(project, now)}
    </header>
    ${parts(project, now)}
    <p class="links">
      <a href="${projectMetricsLink(telemetryPath, project.name)}">Metrics of this project</a>
    </p>
  </section>`;
}

function parts(project: ProjectStatus, now: number): Html[] {
  const { progress, failure, active, busiestRooms, gaugesWithdrawn } = project;
  const shown: Html[] = [];
  if (failure) {
    shown.push(failureNote(failure, { failing: 'Polls have failed', consequence: consequence(project) }));
  }
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
  if (busiestRooms.length > 0 && !gaugesWithdrawn) shown.push(roomTable(busiestRooms));
  return shown;
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
  const { progress, lastPollAt, lastSuccessAt, lastDuration, nextPollAt } = project;
  const took =
    lastDuration === undefined ? html`` : html` <small>took ${durationInWords(lastDuration)}</small>`;
  const failed = project.failure
    ? [fact('Last poll', html`${moment(lastPollAt, now, 'none yet')}${took}`)]
    : [];
  return html`<dl>
    ${failed}
    ${fact('Last complete poll', html`${moment(lastSuccessAt, now, 'none yet')}${project.failure ? html`` : took}`)}
    ${
      progress
        ? fact('This poll', runningPoll(progress, now))
        : fact('Next poll', moment(nextPollAt, now, 'not planned'))
    }
    ${fact('Requests in the last minute', requests(project.budget))}
    ${fact('Sessions tracked', tracked(project))}
    ${project.details ? detailsFact(project.details, now) : html``}
  </dl>`;
}

function runningPoll({ startedAt, pages }: PollProgress, now: number): Html {
  return html`running for ${durationInWords(Math.max(0, now - startedAt))}
    <small>${countOf(pages, 'page')}</small>`;
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

function number(name: string, value: number): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${countInWords(value)}</dd>
  </div>`;
}
