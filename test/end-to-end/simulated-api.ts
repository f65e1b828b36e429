// The simulated Analytics API of a test, in this process, so that the test knows the truth and orders faults.
import { onTestFinished } from 'vitest';
import type { AtEnd } from '../at-end.ts';
import { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import type { SessionScript } from '../simulator-support/scripted-cloud.ts';
import {
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../simulator-support/test-simulator.ts';

/** The one project of most tests. */
export const project = {
  id: 'p_1',
  apiKey: 'APIendToEnd',
  apiSecret: 'the-secret-of-the-tests-from-end-to-end',
} as const;

/** Its key, and that of other projects of a test, as a configuration file has it. */
export const keys = { api_key: project.apiKey, api_secret: project.apiSecret };

/** A clock that stands still until a test moves it, in Unix seconds: so the truth is that of a known moment. */
export interface HandClock {
  now: number;
}

/** Set to the last whole second. */
export function handClock(): HandClock {
  return { now: Math.floor(unixSeconds()) };
}

export function unixSeconds(): number {
  return Date.now() / 1000;
}

/** Serves the cloud as the project above, until the test is over. Tokens are checked by the machine's clock. */
export async function simulate(
  cloud: ScriptedCloud,
  options: Partial<SimulatorOptions> = {},
  atEnd: AtEnd = onTestFinished,
): Promise<Simulator> {
  const simulator = await startSimulator({
    projects: [{ ...project, cloud }],
    now: unixSeconds,
    tokenNow: unixSeconds,
    ...options,
  });
  atEnd(() => simulator.close());
  return simulator;
}

/** The variables that point the program at the project. */
export function environmentOf({ url }: Pick<Simulator, 'url'>): Record<string, string> {
  return {
    LIVEKIT_ANALYTICS_URL: url,
    LIVEKIT_PROJECT_ID: project.id,
    LIVEKIT_API_KEY: project.apiKey,
    LIVEKIT_API_SECRET: project.apiSecret,
  };
}

/** A cloud of running sessions, one in each of the rooms `room 0`, `room 1` and so on, the first the oldest. */
export function cloudOf(sessions: number, script: Partial<SessionScript> = {}): ScriptedCloud {
  const startedAt = Math.floor(unixSeconds());
  const cloud = new ScriptedCloud({ startedAt });
  for (let number = 0; number < sessions; number++) {
    const startsAt = startedAt - 600 - sessions + number;
    cloud.addSession({ id: `RM_${String(number)}`, roomName: `room ${String(number)}`, startsAt, ...script });
  }
  return cloud;
}
