// The sessions of one project over weeks: the simulator's random load, drawn without a server.
import { Arrivals } from '../../src/simulator/arrivals.ts';
import { meanSessionSeconds, sessionKinds, shareOf } from '../../src/simulator/session-kinds.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';

const daySeconds = 86_400;

export interface Load {
  readonly seed: number;
  /** Rooms that are active at a time, in the mean of a week. */
  readonly activeRooms: number;
  /** Unix seconds. */
  readonly from: number;
  readonly until: number;
}

/** All sessions that run at some time from `from` on, and start before `until`; in order of their start. */
export function drawSessions({ seed, activeRooms, from, until }: Load): SimulatedSession[] {
  const rate = activeRooms / meanSessionSeconds;
  const sessions = sessionKinds.flatMap((kind, kindIndex) => {
    const arrivals = new Arrivals({
      seed,
      kind,
      kindIndex,
      rate: rate * shareOf(kind),
      origin: from,
      warmUp: 4 * daySeconds,
      speed: 1,
      copies: Math.max(1, Math.round(activeRooms / 40)),
    });
    return [...arrivals.until(until)];
  });
  return sessions.filter((session) => session.settlesAt > from).sort((a, b) => a.startsAt - b.startsAt);
}
