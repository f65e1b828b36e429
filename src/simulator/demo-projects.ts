// The two projects of the demonstration, with keys that open nothing else.
import { SimulatedCloud } from './cloud.ts';
import type { SimulatedProject } from './project-api.ts';

export interface DemoProject extends SimulatedProject {
  /** For the label `project`. */
  readonly name: string;
}

export interface DemoLoad {
  readonly seed: number;
  /** Unix seconds. */
  readonly startedAt: number;
  /** Of `production`, in the mean of a week; `staging` has an eighth of it. Default 40. */
  readonly activeRooms?: number;
  /** How many times as fast as the clock the load evolves. Default 1. */
  readonly speed?: number;
}

/** Throws a SimulatorOptionError for a load that is out of range. */
export function demoProjects({ seed, startedAt, activeRooms = 40, speed = 1 }: DemoLoad): DemoProject[] {
  const load = { startedAt, speed };
  return [
    {
      name: 'production',
      id: 'p_demo',
      apiKey: 'APIdemoproduction',
      apiSecret: 'simulated-secret-of-the-production-project',
      cloud: new SimulatedCloud({ ...load, seed, activeRooms }),
    },
    {
      name: 'staging',
      id: 'p_staging',
      apiKey: 'APIdemostaging',
      apiSecret: 'simulated-secret-of-the-staging-project',
      cloud: new SimulatedCloud({ ...load, seed: (seed + 1) % 2 ** 32, activeRooms: activeRooms / 8 }),
    },
  ];
}
