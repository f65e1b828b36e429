// The two projects of a trial: a large one whose rooms are all published one by one, and a small one with more rooms
// than `rooms.limit`. The same seed gives the same sessions in every run, whatever day it is.
import { ScriptedCloud } from '../../test/simulator-support/scripted-cloud.ts';
import type { SimulatedProject } from '../../src/simulator/cloud.ts';

export interface Load {
  readonly seed: number;
  /** Rooms that are active at a time in both projects, in the mean of a week. */
  readonly activeRooms: number;
  /** Seconds from the start to midnight. */
  readonly beforeMidnight: number;
}

export interface TrialProject extends SimulatedProject {
  /** For the label `project`. */
  readonly name: string;
  readonly cloud: ScriptedCloud;
  /** Undefined: more than it ever has. */
  readonly roomsLimit: number | undefined;
}

/** How many times as fast as the clock the load evolves: in a minute of the trial passes an hour of calls. */
const speed = 60;

/** Seconds before the start in which sessions have ended already: the exporter has to leave them out. */
const history = 60;

/** The end of a day, of a month and of a quarter (UTC), a Tuesday. */
export const midnight = Date.parse('2026-04-01T00:00:00Z') / 1000;

/** When the trial starts, a whole second (Unix): rows that leave out fractions say the same of it. */
export function startOf({ beforeMidnight }: Load): number {
  return midnight - Math.round(beforeMidnight);
}

export function trialProjects(load: Load): readonly TrialProject[] {
  const startedAt = startOf(load);
  const cloud = (seed: number, activeRooms: number): ScriptedCloud =>
    new ScriptedCloud({ startedAt, seed, activeRooms, speed, history });
  return [
    {
      name: 'large',
      id: 'p_large',
      apiKey: 'APIlarge',
      apiSecret: 'the-secret-of-the-large-project-of-the-trial',
      cloud: cloud(load.seed, load.activeRooms * 0.75),
      roomsLimit: undefined,
    },
    {
      name: 'limited',
      id: 'p_limited',
      apiKey: 'APIlimited',
      apiSecret: 'the-secret-of-the-limited-project-of-the-trial',
      cloud: cloud((load.seed + 1) % 2 ** 32, load.activeRooms * 0.25),
      roomsLimit: Math.ceil(load.activeRooms * 0.05),
    },
  ];
}
