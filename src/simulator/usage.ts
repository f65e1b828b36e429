// What the participants of one session have used by a time: what its details have to add up to.
import { connectionsUntil } from './session-life.ts';
import type { SimulatedSession } from './simulated-session.ts';

/** Sums over connections that have begun. Whole numbers, so that sums of them are exact. */
export interface Usage {
  connections: number;
  /** Connected time in microseconds. */
  connected: number;
  /** Each connection rounded up. */
  billableMinutes: number;
  /** Connections beyond the first of each participant. */
  reconnects: number;
}

export function noUsage(): Usage {
  return { connections: 0, connected: 0, billableMinutes: 0, reconnects: 0 };
}

/** What is said of a time, both in Unix seconds: some spellings cut fractions off. */
export type SaidTime = (time: number) => number;

/** Up to a time, Unix seconds, in times as they are said. */
export function usageAt(session: SimulatedSession, now: number, said: SaidTime = (time) => time): Usage {
  const time = Math.min(now, session.endsAt);
  const usage = noUsage();
  for (const participant of session.life.participants) {
    const begun = connectionsUntil(participant, time);
    usage.connections += begun.length;
    usage.reconnects += Math.max(0, begun.length - 1);
    for (const { joinedAt, leftAt } of begun) {
      const connected = Math.round((said(Math.min(leftAt, time)) - said(joinedAt)) * 1e6);
      usage.connected += connected;
      usage.billableMinutes += Math.ceil(connected / 60e6);
    }
  }
  return usage;
}

export function addUsage(sum: Usage, usage: Usage): void {
  sum.connections += usage.connections;
  sum.connected += usage.connected;
  sum.billableMinutes += usage.billableMinutes;
  sum.reconnects += usage.reconnects;
}
