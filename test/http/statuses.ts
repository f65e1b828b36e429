// Statuses of a program, for the tests of the pages that show them.
import type { ProjectSnapshot, RoomSnapshot } from '../../src/core/snapshot.ts';
import type { ProgramStatus } from '../../src/http/status.ts';
import { statusBeforeFirstPoll, type ProjectStatus } from '../../src/poll/poll-status.ts';

/** 2025-11-21T21:44:00Z. */
export const now = 1_763_761_440;

export function programStatus(...projects: ProjectStatus[]): ProgramStatus {
  return {
    version: '1.2.3',
    startedAt: now - 7500,
    now,
    projects,
    grafanaUrl: '',
    push: undefined,
    state: undefined,
    configurationFailures: [],
  };
}

export function startingProject(changes: Partial<ProjectStatus> = {}): ProjectStatus {
  return {
    ...statusBeforeFirstPoll,
    name: 'production',
    hasList: true,
    live: undefined,
    plan: undefined,
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
    windowComplete: true,
    snapshot: snapshot(),
    ...changes,
  });
}

export function snapshot(changes: Partial<ProjectSnapshot> = {}): ProjectSnapshot {
  const numbers = { activeRooms: 1204, activeSessions: 1310, activeParticipants: 23_456, activeEgresses: 17 };
  const rest = { trackedSessions: 52_310, foldedRooms: 0, rooms: [room('town-hall')], groups: [] };
  // The page reads nothing else.
  return { ...numbers, ...rest, ...changes } as ProjectSnapshot;
}

export function room(name: string, activeParticipants = 815): RoomSnapshot {
  const bandwidth = { sessionBandwidthIn: 3.2e9, sessionBandwidthOut: 8.8e11 };
  return { name, activeSessions: 2, activeParticipants, ...bandwidth } as RoomSnapshot;
}

export const planFailure = {
  reason: 'plan' as const,
  message: 'The API answered 403: "needs the Scale plan"',
  remedy: 'Upgrade the project to the Scale plan.',
  since: now - 3725,
};
