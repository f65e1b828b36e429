// Whether what the session list leaves of the request budget is enough for the details of sessions.
import { type Finding, fail, ok, skip, warn } from './finding.ts';
import type { Patient } from './patient.ts';
import { counted } from './way-checks.ts';

/** Right after its end, and once more when its details have settled. */
const requestsPerEnd = 2;

/** Details that are older lag behind what the gauges show. */
const oldestSeconds = 300;

export async function checkDetails({ needs }: Patient): Promise<Finding> {
  const { details, interval, complete } = await needs();
  if (!details || !complete) return skip('cannot be told within the budget');
  const { spare, active, endedPerMinute, requestsPerMinute } = details;
  const ofEnds = requestsPerEnd * endedPerMinute;
  const left = spare - ofEnds;
  const budget = `the session list leaves about ${counted(spare, 'request')} a minute`;
  const enough = requestsPerMinute + Math.ceil(ofEnds - spare + Math.max(1, (active * 60) / oldestSeconds));
  if (left <= 0) {
    return fail(
      `${budget}, and the sessions that end in one take about ${Math.ceil(ofEnds)}: details would be given up`,
      `set api.requests_per_minute to ${enough}, or details.enabled to false`,
    );
  }
  const seconds = Math.ceil((active * 60) / left);
  if (seconds <= interval) return ok(`${budget}: enough to read ${sessionsNow(active)} with every poll`);
  const message = `${budget}: enough to read ${sessionsNow(active)} every ${seconds} s`;
  if (seconds <= oldestSeconds) return ok(message);
  return warn(
    message,
    `for details that are at most ${oldestSeconds} s old set api.requests_per_minute to ${enough}`,
  );
}

function sessionsNow(active: number): string {
  return `the details of ${active === 1 ? 'the active session' : `the ${active} active sessions`}`;
}
