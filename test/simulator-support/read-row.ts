// Reads rows in every spelling, the slow and obvious way: what the simulator's tests compare with the truth.
import type { SessionReading } from '../../src/simulator/simulated-session.ts';

type Row = Record<string, unknown>;

/** `activeParticipants` is undefined when the row does not say. */
export type ReadRow = Omit<SessionReading, 'activeParticipants'> & {
  readonly activeParticipants: number | undefined;
};

export function readRow(row: Row): ReadRow {
  const active = field(row, 'numActiveParticipants');
  return {
    sessionId: String(field(row, 'sessionId')),
    roomName: String(field(row, 'roomName')),
    createdAt: readTime(field(row, 'createdAt')),
    lastActive: readTime(field(row, 'lastActive')),
    endedAt: readTime(field(row, 'endedAt')),
    bandwidthIn: Number(field(row, 'bandwidthIn') ?? 0),
    bandwidthOut: Number(field(row, 'bandwidthOut') ?? 0),
    egress: readEgress(field(row, 'egress') ?? 0),
    participants: Number(field(row, 'numParticipants') ?? 0),
    activeParticipants: active === undefined ? undefined : Number(active),
  };
}

/** By its name in either spelling. */
export function field(row: Row, camelCase: string): unknown {
  return row[camelCase] ?? row[camelCase.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)];
}

/** Unix seconds; 0 for none. */
export function readTime(value: unknown): number {
  if (value === undefined || value === '' || value === '0001-01-01T00:00:00Z') return 0;
  if (typeof value === 'object') {
    const { seconds, nanos = 0 } = value as { seconds: string | number; nanos?: number };
    return Number(seconds) + nanos / 1e9;
  }
  const [, date, fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(String(value)) ?? [];
  return Date.parse(`${date}Z`) / 1000 + Number(`0.${fraction}0`);
}

function readEgress(value: unknown): 0 | 1 | 2 {
  const state = ['EGRESS_NEVER_STARTED', 'EGRESS_ACTIVE', 'EGRESS_ENDED'].indexOf(String(value));
  return (state === -1 ? Number(value) : state) as 0 | 1 | 2;
}
