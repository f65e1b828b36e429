// Statuses of a program, for the tests of the pages that show them.
import type { ProgramStatus, ProjectStatus } from '../../src/http/status.ts';

/** 2025-11-21T21:44:00Z. */
export const now = 1_763_761_440;

export function programStatus(...projects: ProjectStatus[]): ProgramStatus {
  return {
    version: '1.2.3',
    startedAt: now - 7500,
    now,
    projects,
    push: undefined,
    state: undefined,
    configurationFailures: [],
  };
}

export function startingProject(changes: Partial<ProjectStatus> = {}): ProjectStatus {
  return {
    name: 'production',
    pollsFinished: 0,
    progress: undefined,
    lastPollAt: undefined,
    lastSuccessAt: undefined,
    lastDuration: undefined,
    nextPollAt: undefined,
    failure: undefined,
    windowComplete: false,
    gaugesWithdrawn: false,
    active: undefined,
    busiestRooms: [],
    trackedSessions: 0,
    details: undefined,
    budget: budget({ lastPollRequests: undefined, lastMinuteRequests: 0 }),
    ...changes,
  };
}

export function healthyProject(changes: Partial<ProjectStatus> = {}): ProjectStatus {
  return startingProject({
    pollsFinished: 120,
    lastPollAt: now - 12,
    lastSuccessAt: now - 12,
    lastDuration: 1.5,
    nextPollAt: now + 18,
    active: { rooms: 1204, sessions: 1310, participants: 23_456, egresses: 17 },
    busiestRooms: [room('town-hall')],
    trackedSessions: 52_310,
    windowComplete: true,
    budget: budget(),
    ...changes,
  });
}

export function budget(changes: Partial<ProjectStatus['budget']> = {}): ProjectStatus['budget'] {
  return {
    requestsPerMinute: 100,
    lastPollRequests: 14,
    lastMinuteRequests: 28,
    lastMinuteWaitSeconds: 0,
    ...changes,
  };
}

export function room(name: string) {
  return { name, sessions: 2, participants: 815, bandwidthIn: 3.2e9, bandwidthOut: 8.8e11 };
}

export const planFailure = {
  reason: 'plan',
  message: 'The API answered 403: "needs the Scale plan"',
  remedy: 'Upgrade the project to the Scale plan.',
  since: now - 3725,
};
