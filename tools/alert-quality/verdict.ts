// Which incidents the alarms found, how fast, and which alarms nothing explains.
import type { Alarm } from './alarms.ts';
import { listDelay } from './publishing.ts';
import type { Incident } from './schedule.ts';

export interface Detection {
  readonly alert: string;
  readonly incident: Incident;
  /** From when it was so, seconds; undefined when it was not found. */
  readonly delay: number | undefined;
  /** Seconds until the data showed it. */
  readonly shownAfter: number;
}

/** Judged by the live source. */
const liveAlerts = /Participants(Jumped|Collapsed)$/;

/** What an incident leaves behind can still be seen so long: rates, and recent lows and highs. Seconds. */
const aftermath = 20 * 60;

/** An evaluation and what was scraped before it are so far apart, seconds. */
const early = 60;

export function detectionsOf(incidents: readonly Incident[], alarms: readonly Alarm[]): Detection[] {
  return incidents.flatMap((incident) =>
    Object.entries(incident.kind.expects).map(([alert, shownAfter]) => {
      const since = incident.from + shownAfter;
      const found = alarms
        .filter((alarm) => alarm.alert === alert && concerns(alarm, incident))
        .filter(({ from }) => from >= since - early && from <= incident.until + listDelay + early)
        .map(({ from }) => from);
      return {
        alert,
        incident,
        delay: found.length === 0 ? undefined : Math.min(...found) - since,
        shownAfter: incident.kind.where === 'exporter' || liveAlerts.test(alert) ? 0 : listDelay,
      };
    }),
  );
}

/** @param holds Whether what an alarm says is true of the load without any incident. */
export function falseAlarms(
  incidents: readonly Incident[],
  alarms: readonly Alarm[],
  holds: (alarm: Alarm) => boolean,
): Alarm[] {
  return alarms.filter(
    (alarm) =>
      !holds(alarm) &&
      !incidents.some(
        (incident) =>
          alarm.from >= incident.from &&
          alarm.from <= incident.until + listDelay + aftermath &&
          ((alarm.alert in incident.kind.expects && concerns(alarm, incident)) ||
            incident.kind.explains.test(alarm.alert)),
      ),
  );
}

function concerns({ labels }: Alarm, { room }: Incident): boolean {
  return labels.room === undefined || room === undefined || labels.room === room;
}
