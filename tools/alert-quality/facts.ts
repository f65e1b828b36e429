// What is true of the simulated load without any incident: long sessions, long egresses and rooms that take most of
// the bandwidth come in it, too. Alarms about them are not false.
import type { Alarm } from './alarms.ts';
import { listDelay } from './publishing.ts';
import type { ProjectNow } from './world.ts';

const egressSeconds = 6 * 3600;
const sessionSeconds = 86_400;
/** Rounding and the ends of a rate's range are forgiven. */
const share = 0.8 * 0.95;
const shareSeconds = 600;
const tolerance = 120;

interface RoomPast {
  egress: number[];
  bytes: number[];
}

export class Facts {
  readonly #rooms = new Map<string, RoomPast>();
  readonly #true = new Set<string>();
  readonly #total: number[] = [];

  /** Times come in order. */
  add(now: number, project: ProjectNow): void {
    this.#total.push(project.bytesIn + project.bytesOut);
    if (this.#total.length > 7) this.#total.shift();
    for (const [name, room] of project.rooms) {
      let past = this.#rooms.get(name);
      if (!past) this.#rooms.set(name, (past = { egress: [], bytes: [] }));
      if (room.egress) past.egress.push(now);
      while ((past.egress[0] ?? now) < now - 86_400) past.egress.shift();
      past.bytes.push(room.bytesIn + room.bytesOut);
      if (past.bytes.length > 7) past.bytes.shift();
      if (room.start !== undefined && now - room.start > sessionSeconds)
        this.#note('LiveKitCloudSessionTooLong', name, now);
      if (room.egress && past.egress.length * 30 > egressSeconds - tolerance)
        this.#note('LiveKitCloudEgressTooLong', name, now);
      if (growth(past.bytes) > share * growth(this.#total))
        this.#note('LiveKitCloudRoomDominatesBandwidth', name, now);
    }
  }

  #note(alert: string, room: string, now: number): void {
    this.#true.add(`${alert} ${room} ${String(Math.floor(now / 30))}`);
  }

  holds({ alert, labels, from }: Alarm): boolean {
    const since = alert === 'LiveKitCloudRoomDominatesBandwidth' ? from - shareSeconds / 2 : from;
    return [since, since - 30, since - listDelay, since - listDelay - 30].some((time) =>
      this.#true.has(`${alert} ${labels.room ?? ''} ${String(Math.floor(time / 30))}`),
    );
  }
}

function growth(totals: readonly number[]): number {
  return (totals.at(-1) ?? 0) - (totals[0] ?? 0);
}
