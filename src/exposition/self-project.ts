// What one project's client and poll loop report about themselves, kept as metrics. Knows no clock: times and
// durations come in as values.
import { type DropReason, dropReasons } from '../core/snapshot.ts';
import { rejectionReasons, type RejectionReason } from '../core/session-row.ts';
import { failureReasons, type FailureReason } from '../core/source-error.ts';
import type { SelfFamilies } from './self-families.ts';

/** The values of the label `endpoint`. */
const apiEndpoints = ['sessions', 'session'] as const;
export type ApiEndpoint = (typeof apiEndpoints)[number];

export interface ProjectSettings {
  readonly requestsPerMinute: number;
  /** Whether session details are read. */
  readonly details: boolean;
}

export interface FinishedPoll {
  /** Unix seconds. */
  readonly at: number;
  readonly seconds: number;
  /** Absent when the poll was complete. */
  readonly failure?: FailureReason | undefined;
}

export interface Coverage {
  readonly trackedSessions: number;
  readonly publishedRooms: number;
  readonly foldedRooms: number;
  readonly windowComplete: boolean;
  /** Unix seconds; undefined without open sessions. */
  readonly oldestOpenReading: number | undefined;
  /** Of session details; undefined where they are not read. */
  readonly details: { readonly oldestReading: number | undefined; readonly waiting: number } | undefined;
}

export interface ProjectMetrics {
  /** One attempt ended, well when there is no `failure`. */
  requestFinished(endpoint: ApiEndpoint, seconds: number, failure?: FailureReason): void;
  requestRetried(endpoint: ApiEndpoint): void;
  budgetWaited(seconds: number): void;
  pollFinished(poll: FinishedPoll): void;
  pollsSkipped(count: number): void;
  rowRejected(reason: RejectionReason, rows?: number): void;
  coverage(coverage: Coverage): void;
  detailsDropped(reason: DropReason, count: number): void;
}

/**
 * Starts every series whose value is known from the start, counters at 0. Times that are not known yet stay
 * absent: 0 would read as 1970. `changed` is called before each change.
 */
export function projectMetrics(
  families: SelfFamilies,
  project: string,
  { requestsPerMinute, details: withDetails }: ProjectSettings,
  changed: () => void,
): ProjectMetrics {
  startSeries(families, project);
  if (withDetails) families.detailsWaiting.set({ project }, 0);
  for (const reason of dropReasons) {
    if (withDetails) families.detailsDropped.inc({ project, reason }, 0);
    // There are some of a project that had details before.
    else families.detailsDropped.remove({ project, reason });
  }
  if (!withDetails) families.detailsWaiting.remove({ project });
  families.oldestDetailsReading.remove({ project });
  families.budgetRate.set({ project }, requestsPerMinute / 60);
  changed();

  return {
    requestFinished(endpoint, seconds, failure) {
      changed();
      families.apiRequests.inc({ project, endpoint });
      families.apiRequestDuration.observe({ project, endpoint }, seconds);
      if (failure) families.apiRequestFailures.inc({ project, endpoint, reason: failure });
    },
    requestRetried(endpoint) {
      changed();
      families.apiRetries.inc({ project, endpoint });
    },
    budgetWaited(seconds) {
      changed();
      families.budgetWait.inc({ project }, seconds);
    },
    pollFinished({ at, seconds, failure }) {
      changed();
      families.polls.inc({ project });
      families.lastPoll.set({ project }, at);
      families.pollDuration.set({ project }, seconds);
      if (failure) families.pollFailures.inc({ project, reason: failure });
      else families.lastSuccessfulPoll.set({ project }, at);
    },
    pollsSkipped(count) {
      changed();
      families.pollsSkipped.inc({ project }, count);
    },
    rowRejected(reason, rows = 1) {
      changed();
      families.rowsRejected.inc({ project, reason }, rows);
    },
    coverage({ trackedSessions, publishedRooms, foldedRooms, windowComplete, oldestOpenReading, details }) {
      changed();
      families.trackedSessions.set({ project }, trackedSessions);
      families.publishedRooms.set({ project }, publishedRooms);
      families.foldedRooms.set({ project }, foldedRooms);
      families.windowComplete.set({ project }, windowComplete ? 1 : 0);
      setOrRemove(families.oldestOpenReading, project, oldestOpenReading);
      setOrRemove(families.oldestDetailsReading, project, details?.oldestReading);
      setOrRemove(families.detailsWaiting, project, details?.waiting);
    },
    detailsDropped(reason, count) {
      changed();
      families.detailsDropped.inc({ project, reason }, count);
    },
  };
}

function setOrRemove(
  gauge: SelfFamilies['trackedSessions'],
  project: string,
  value: number | undefined,
): void {
  if (value === undefined) gauge.remove({ project });
  else gauge.set({ project }, value);
}

function startSeries(families: SelfFamilies, project: string): void {
  for (const counter of [families.polls, families.pollsSkipped, families.budgetWait]) {
    counter.inc({ project }, 0);
  }
  for (const reason of failureReasons) families.pollFailures.inc({ project, reason }, 0);
  for (const reason of rejectionReasons) families.rowsRejected.inc({ project, reason }, 0);
  for (const endpoint of apiEndpoints) {
    families.apiRequests.inc({ project, endpoint }, 0);
    families.apiRetries.inc({ project, endpoint }, 0);
    families.apiRequestDuration.zero({ project, endpoint });
    for (const reason of failureReasons) families.apiRequestFailures.inc({ project, endpoint, reason }, 0);
  }
  const { trackedSessions, publishedRooms, foldedRooms, windowComplete } = families;
  for (const gauge of [trackedSessions, publishedRooms, foldedRooms, windowComplete]) {
    gauge.set({ project }, 0);
  }
}

/** Takes every series of a project out of these metrics. */
export async function removeSeries(
  metrics: readonly SelfFamilies[keyof SelfFamilies][],
  project: string,
): Promise<void> {
  for (const metric of metrics) {
    for (const { labels } of (await metric.get()).values) {
      const series: Record<string, string | number> = { ...labels };
      // The bound of a bucket is no label of the histogram.
      delete series['le'];
      if (series['project'] === project) metric.remove(series);
    }
  }
}
