// How the exporter of the run is set up: how often it is scraped, which rooms it publishes one by one, and how late the session
// list is. The live source is not.

/** Seconds; polls and evaluations of the rules come as often. */
export const scrapeInterval = 30;

/** Seconds until the session list shows what has happened. */
export const listDelay = 120;

/**
 * Calls and voice agents have a name for each session and would fill the database with what no alert is about: they are
 * in the sums of the project alone, as with `rooms.exclude`.
 */
export function isNamed(room: string): boolean {
  return !/^(call|voice-agent)-/.test(room);
}
