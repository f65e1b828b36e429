// The two projects of the demonstration, with keys that open nothing else.
import { daySeconds } from '../livekit/wire/wire.ts';
import { SimulatedCloud } from './cloud.ts';
import type { SimulatedProject } from './project-api.ts';

export interface DemoProject extends SimulatedProject {
  /** For the label `project`. */
  readonly name: string;
}

export interface DemoLoad {
  readonly seed: number;
  /** Unix seconds. The worlds of one UTC day are the same: a demonstration that is started again goes on. */
  readonly now: number;
  /** Of `production`, in the mean of a week; `staging` has an eighth of it. Default 40. */
  readonly activeRooms?: number;
  /** How many times as fast as the clock the load evolves. Default 1. */
  readonly speed?: number;
}

export function demoProjects({ seed, now, activeRooms = 40, speed = 1 }: DemoLoad): DemoProject[] {
  // A day of load: at speed 60 it passes in 24 minutes.
  const day = daySeconds / speed;
  const load = { startedAt: Math.floor(now / day) * day, speed };
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
