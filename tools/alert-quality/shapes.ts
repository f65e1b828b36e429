// The shapes of projects that the alerts are tried on, as a table: which sessions they have and how their load moves over
// weeks. The week that is judged begins at `monday`.
import { loadAt, sessionKinds, type SessionKind } from '../../src/simulator/session-kinds.ts';

const hourSeconds = 3600;
const daySeconds = 86_400;

export interface Shape {
  readonly name: string;
  readonly kinds: readonly SessionKind[];
  /** Rooms that are active at a time, in the mean of the week that is judged. */
  readonly activeRooms: number;
  /** How busy a time is (Unix seconds), relative to the mean of that week. */
  readonly loadAt: (time: number, monday: number) => number;
  /** A bound of how much busier `loadAt` is than the simulator's own pattern. */
  readonly mostBusier: number;
}

/** The kinds whose mean number of people is in a range. */
function kindsOf(fewest: number, most: number): readonly SessionKind[] {
  return sessionKinds.filter(({ people: [least, largest] }) => least >= fewest && largest <= most);
}

const calls = sessionKinds.slice(0, 1);
const agents = sessionKinds.slice(1, 2);

const usual = { loadAt: (time: number) => loadAt(time), mostBusier: 1 };

export const shapes: readonly Shape[] = [
  { name: 'mixed', kinds: sessionKinds, activeRooms: 40, ...usual },
  { name: 'few large rooms', kinds: kindsOf(10, 300), activeRooms: 12, ...usual },
  { name: 'many tiny calls', kinds: calls, activeRooms: 80, ...usual },
  { name: 'voice agents', kinds: agents, activeRooms: 60, ...usual },
  {
    name: 'a tenth more each week',
    kinds: sessionKinds,
    activeRooms: 40,
    loadAt: (time, monday) => loadAt(time) * 1.1 ** ((time - monday) / (7 * daySeconds) - 0.5),
    mostBusier: 1.1 ** 0.5,
  },
  {
    name: 'a holiday',
    kinds: sessionKinds,
    activeRooms: 40,
    // Wednesday.
    loadAt: (time, monday) => loadAt(time) * (Math.floor((time - monday) / daySeconds) === 2 ? 0.25 : 1),
    mostBusier: 1,
  },
  {
    name: 'the clocks change',
    kinds: sessionKinds,
    activeRooms: 40,
    // From Thursday on everybody comes an hour earlier.
    loadAt: (time, monday) => loadAt(time + (time - monday >= 3 * daySeconds ? hourSeconds : 0)),
    mostBusier: 2,
  },
];
