import { describe, expect, it } from 'vitest';
import { sessionRow } from '../../src/simulator/session-answers.ts';
import type { SessionReading } from '../../src/simulator/simulated-session.ts';
import {
  documentedSpelling,
  everySpelling,
  mixedSpelling,
  respelled,
  type WireObject,
  type WireSpelling,
} from './spelling.ts';
import { readRow } from './read-row.ts';

const running: SessionReading = {
  sessionId: 'RM_1',
  roomName: '会議室 "1"\n',
  createdAt: 1_763_733_600.125,
  lastActive: 1_763_733_725.5,
  endedAt: 0,
  bandwidthIn: 12_345,
  bandwidthOut: 0,
  egress: 0,
  participants: 3,
  activeParticipants: 0,
};
const ended: SessionReading = { ...running, endedAt: 1_763_733_730.000_25, egress: 2, bandwidthOut: 2 ** 60 };

const table = [
  {
    name: 'as documented',
    spelling: {},
    reading: running,
    row: {
      sessionId: 'RM_1',
      roomName: '会議室 "1"\n',
      createdAt: '2025-11-21T14:00:00.125000Z',
      lastActive: '2025-11-21T14:02:05.500000Z',
      bandwidthIn: 12_345,
      bandwidthOut: 0,
      egress: 0,
      numParticipants: 3,
      numActiveParticipants: 0,
    },
  },
  {
    name: 'old names, decimal strings beyond 2^53, seconds as text',
    spelling: {
      fields: 'snake_case',
      numbers: 'decimal_string',
      timestamps: 'seconds_string',
      egress: 'digit_string',
    },
    reading: ended,
    row: {
      session_id: 'RM_1',
      room_name: '会議室 "1"\n',
      created_at: { seconds: '1763733600', nanos: 125_000_000 },
      last_active: { seconds: '1763733725', nanos: 500_000_000 },
      ended_at: { seconds: '1763733730', nanos: 250_000 },
      bandwidth_in: '12345',
      bandwidth_out: '1152921504606846976',
      egress: '2',
      num_participants: '3',
      num_active_participants: '0',
    },
  },
  {
    name: 'Protobuf without zeros, an enum name, no fraction',
    spelling: { zeros: 'absent', egress: 'enum_name', fractionDigits: 0, running: 'empty' },
    reading: running,
    row: {
      sessionId: 'RM_1',
      roomName: '会議室 "1"\n',
      createdAt: '2025-11-21T14:00:00Z',
      lastActive: '2025-11-21T14:02:05Z',
      endedAt: '',
      bandwidthIn: 12_345,
      numParticipants: 3,
    },
  },
  {
    name: 'seconds as numbers, the zero time',
    spelling: { timestamps: 'seconds_number', egress: 'enum_name', running: 'zero', zeros: 'absent' },
    reading: { ...running, egress: 1, lastActive: 1_763_733_700 },
    row: {
      sessionId: 'RM_1',
      roomName: '会議室 "1"\n',
      createdAt: { seconds: 1_763_733_600, nanos: 125_000_000 },
      lastActive: { seconds: 1_763_733_700 },
      endedAt: { seconds: 0, nanos: 0 },
      bandwidthIn: 12_345,
      egress: 'EGRESS_ACTIVE',
      numParticipants: 3,
    },
  },
] as const;

function spelledRow(reading: SessionReading, spelling: WireSpelling): WireObject {
  return respelled(JSON.parse(JSON.stringify(sessionRow(reading))) as WireObject, spelling);
}

describe('a row', () => {
  it.each(table)('$name', ({ spelling, reading, row }) => {
    expect(spelledRow(reading, { ...documentedSpelling, ...spelling })).toEqual(row);
  });

  it('can be read back in every spelling, but for the digits cut off', () => {
    for (const spelling of everySpelling) {
      for (const reading of [running, ended]) {
        const read = readRow(JSON.parse(JSON.stringify(spelledRow(reading, spelling))));
        const omitted = spelling.zeros === 'absent';
        const digits = spelling.timestamps === 'rfc3339' ? Math.min(6, spelling.fractionDigits) : 6;
        const cut = (time: number): number => Math.floor(time * 10 ** digits + 1e-6) / 10 ** digits;
        expect(read).toEqual({
          ...reading,
          createdAt: cut(reading.createdAt),
          lastActive: cut(reading.lastActive),
          endedAt: cut(reading.endedAt),
          activeParticipants: omitted ? undefined : 0,
        });
      }
    }
  });
});

describe('mixed spelling', () => {
  it('is always the same for the same session and uses every form', () => {
    expect(mixedSpelling('RM_x')).toEqual(mixedSpelling('RM_x'));
    const used = Array.from({ length: 500 }, (_, i) => mixedSpelling(`RM_${i}`));
    for (const key of Object.keys(documentedSpelling) as (keyof typeof documentedSpelling)[]) {
      expect(new Set(used.map((spelling) => spelling[key]))).toEqual(
        new Set(everySpelling.map((each) => each[key])),
      );
    }
  });
});
