// What the parts of the program report about their work; the table of the exporter's own metrics says what is made of it.
import type { DropReason, ProjectSnapshot } from '../core/snapshot.ts';
import type { RejectionReason } from '../core/session-row.ts';
import type { FailureReason } from '../core/source-error.ts';

/** What a project is read from: the session list of the Analytics API, LiveKit's server API. */
export type Source = 'list' | 'live';

/** The values of the label `endpoint`, with the source that asks. */
export const endpointSources = {
  sessions: 'list',
  session: 'list',
  rooms: 'live',
  egresses: 'live',
} as const;
export type ApiEndpoint = keyof typeof endpointSources;

export const pushFailureReasons = [
  'auth',
  'not_found',
  'rejected',
  'rate_limited',
  'timeout',
  'network',
  'server',
  'internal',
] as const;
export type PushFailureReason = (typeof pushFailureReasons)[number];

export interface Build {
  readonly version: string;
  /** The commit. */
  readonly revision: string;
  /** As in `process.version`. */
  readonly nodeVersion: string;
}

/** How a project is read. */
export interface ProjectReads {
  readonly requestsPerMinute: number;
  /** Whether session details are read. */
  readonly details: boolean;
  /** Rows that the session list is asked for at first. */
  readonly pageRows: number | undefined;
  readonly sources: readonly Source[];
}

/** What is told of each complete poll. */
type Coverage = Pick<
  ProjectSnapshot,
  'trackedSessions' | 'publishedRooms' | 'foldedRooms' | 'oldestOpenReading' | 'details'
>;

/** What one project's client and poll loops report. Times are Unix seconds. */
export interface ProjectReports {
  begin(reads: ProjectReads): void;
  /** One attempt ended, well when there is no `failure`. */
  requestFinished(endpoint: ApiEndpoint, seconds: number, failure?: FailureReason): void;
  requestRetried(endpoint: ApiEndpoint): void;
  budgetWaited(seconds: number): void;
  /** The session list is asked for pages of so many rows from now on. */
  pageRowsChanged(rows: number): void;
  sunsetAnnounced(at: number): void;
  rowRejected(reason: RejectionReason, rows?: number): void;
  /** No `failure` when the poll was complete. */
  pollFinished(poll: { at: number; seconds: number; failure?: FailureReason | undefined }): void;
  pollsSkipped(count: number): void;
  coverage(covered: Coverage, windowComplete: boolean): void;
  livePollSucceeded(at: number): void;
  detailsDropped(reason: DropReason, count: number): void;
}

/** What the parts of the program report. Times are Unix seconds. */
export interface Reports extends ProjectReports {
  started(build: Build): void;
  /** The outcome of reading the configuration: at the start, and each time it is read again. */
  configurationRead(successful: boolean, at: number): void;
  /** A failure in the background that no other metric counts. */
  failedInternally(): void;
  webConfigurationRead(successful: boolean): void;
  /** No `failure` when everything was delivered. */
  pushFinished(at: number, failure?: PushFailureReason): void;
  writeFinished(write: { readonly at: number; readonly failed: boolean }): void;
  /** Of the projects this replica has so many, and shares all with so many replicas, itself included. */
  shared(owned: number, replicas: number): void;
}
