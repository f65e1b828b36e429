// How old the numbers are: a board of an exporter that hangs or has gone looks as if nothing had happened.
import { ofProjects, perProject } from './selectors.ts';

/** Seconds since the last complete poll of each project; goes on for an hour after the exporter itself has gone. */
export const sinceLastPoll = `time() - ${perProject(
  `last_over_time(${ofProjects('livekit_cloud_exporter_last_successful_poll_timestamp_seconds')}[1h])`,
)}`;
