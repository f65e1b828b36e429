// How old the numbers are: a board of an exporter that hangs or has gone looks as if nothing had happened.
import { ofProjects, perProject } from './selectors.ts';

function since(metric: string): string {
  return `time() - ${perProject(`last_over_time(${ofProjects(metric)}[1h])`)}`;
}

/** Seconds since the last complete poll of the session list of each project that has one. */
export const sinceListPoll = since('livekit_cloud_exporter_last_successful_poll_timestamp_seconds');

/** Seconds since the last complete live poll of each project that has a live source. */
export const sinceLivePoll = since('livekit_cloud_exporter_last_successful_live_poll_timestamp_seconds');

/**
 * Seconds since the last complete poll of each project, of the session list where it has one; goes on for an hour after the
 * exporter itself has gone.
 */
export const sinceLastPoll = `(${sinceListPoll} or ${sinceLivePoll})`;
