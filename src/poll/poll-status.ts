// What is known about the polls of one project, for pages and logs. Nothing depends on it.
import type { SourceError } from '../core/source-error.ts';
import type { Plan } from '../core/plan.ts';
import type { LiveSnapshot } from '../core/live-ledger.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';

/** How far the poll at hand has come. Times are Unix seconds. */
export interface PollProgress {
  readonly startedAt: number;
  /** Sessions are looked for back to this start. */
  readonly windowStart: number;
  readonly pages: number;
  readonly rows: number;
  /** The start of the oldest session read so far, Infinity before the first. */
  readonly oldestStart: number;
}

/** How much of the window was listed, from 0 to 1: exact where the API lists newest first. */
export function shareOf({ startedAt, windowStart, oldestStart }: PollProgress): number {
  return Math.min(1, Math.max(0, (startedAt - oldestStart) / (startedAt - windowStart)));
}

export interface PollFailure extends Pick<SourceError, 'reason' | 'message' | 'remedy'> {
  /** When polls began to fail, Unix seconds. */
  readonly since: number;
}

/** What is known about the polls of a source. Times are Unix seconds. */
interface SourceStatus<Snapshot> {
  readonly pollsFinished: number;
  readonly lastSuccessAt?: number | undefined;
  /** Set while polls fail. */
  readonly failure?: PollFailure | undefined;
  readonly gaugesWithdrawn: boolean;
  /** The outcome of the last complete poll. */
  readonly snapshot?: Snapshot | undefined;
}

export interface PollStatus extends SourceStatus<ProjectSnapshot> {
  /** The poll at hand; undefined between polls. */
  readonly progress?: PollProgress | undefined;
  readonly lastPollAt?: number;
  /** Seconds. */
  readonly lastDuration?: number;
  readonly nextPollAt?: number;
  /** Whether the whole window has been listed since the start. */
  readonly windowComplete: boolean;
}

export interface LiveStatus extends SourceStatus<LiveSnapshot> {
  /** When rooms and egresses were last read: while one of them fails, no poll is complete. */
  readonly roomsReadAt?: number;
  readonly egressesReadAt?: number;
}

export const statusBeforeFirstPoll = { pollsFinished: 0, gaugesWithdrawn: false, windowComplete: false };

/** A poll of either source has ended at this time (Unix seconds), successfully unless there is an error. */
export function afterPoll<Status extends SourceStatus<unknown>>(
  status: Status,
  at: number,
  error?: SourceError,
): Status {
  const pollsFinished = status.pollsFinished + 1;
  if (!error)
    return { ...status, pollsFinished, lastSuccessAt: at, failure: undefined, gaugesWithdrawn: false };
  const { reason, message, remedy } = error;
  return {
    ...status,
    pollsFinished,
    failure: { reason, message, remedy, since: status.failure?.since ?? at },
  };
}

/** What the pages for people show of a project. */
export interface ProjectStatus extends PollStatus {
  readonly name: string;
  /** Whether its session list is polled; without it there is the live source alone. */
  readonly hasList: boolean;
  readonly live: LiveStatus | undefined;
  readonly plan: Plan | undefined;
}
