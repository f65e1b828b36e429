// The sessions of one project over weeks: the simulator's random load in one of the shapes, drawn without a server.
import { arrivals } from '../../src/simulator/session-birth.ts';
import { loadAt } from '../../src/simulator/session-kinds.ts';
import { logUniformMean, Random } from '../../src/simulator/random.ts';
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import type { Shape } from './shapes.ts';

const daySeconds = 86_400;

export interface Load {
  readonly seed: number;
  readonly shape: Shape;
  /** The start of the week that is judged, Unix seconds. */
  readonly monday: number;
  /** Unix seconds. */
  readonly from: number;
  readonly until: number;
}

/** All sessions that run at some time from `from` on, and start before `until`; in order of their start. */
export function drawSessions({ seed, shape, monday, from, until }: Load): SimulatedSession[] {
  const { kinds, activeRooms, mostBusier } = shape;
  const weights = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const meanSeconds = kinds.reduce(
    (sum, { weight, minutes }) => sum + (weight / weights) * logUniformMean(...minutes) * 60,
    0,
  );
  const random = new Random(seed, 0x5ba9e);
  const sessions = kinds.flatMap((kind, kindIndex) => {
    const coming = arrivals({
      seed,
      kind,
      kindIndex,
      rate: ((activeRooms / meanSeconds) * mostBusier * kind.weight) / weights,
      origin: from,
      warmUp: 4 * daySeconds,
      speed: 1,
      copies: Math.max(1, Math.round(activeRooms / 40)),
    });
    const drawn: SimulatedSession[] = [];
    for (const session of coming) {
      const { startsAt } = session;
      if (startsAt > until) break;
      // Arrivals follow the simulator's pattern; what is beyond the shape's is left out.
      if (random.chance(shape.loadAt(startsAt, monday) / (mostBusier * loadAt(startsAt))))
        drawn.push(session);
    }
    return drawn;
  });
  return sessions.filter((session) => session.settlesAt > from).sort((a, b) => a.startsAt - b.startsAt);
}
