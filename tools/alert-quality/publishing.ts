// How the exporter of the run is set up: how often it is scraped, and which rooms it publishes one by one.

/** Seconds; polls and evaluations of the rules come as often. */
export const scrapeInterval = 30;

/**
 * Calls and voice agents have a name for each session and would fill the database with what no alert is about: they are
 * in the sums of the project alone, as with `rooms.exclude`.
 */
export function isNamed(room: string): boolean {
  return !/^(call|voice-agent)-/.test(room);
}
