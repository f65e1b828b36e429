// Spells a session as the API might write it: every way of the wire format seen so far, one fixed or each row
// another. Decides only how things are written, never what.
import { sessionFields } from '../livekit/wire/wire.ts';
import { hashOf } from './random.ts';
import type { SessionReading } from './simulated-session.ts';
import { spellTimestamp, timestampKinds, zeroTimestamp, type TimestampKind } from './wire-timestamp.ts';

const fieldNames = ['camelCase', 'snake_case'] as const;
const numberForms = ['number', 'decimal_string'] as const;
const zeroForms = ['present', 'absent'] as const;
const egressForms = ['number', 'digit_string', 'enum_name'] as const;
const runningForms = ['absent', 'empty', 'zero'] as const;

export interface WireSpelling {
  readonly fields: (typeof fieldNames)[number];
  readonly numbers: (typeof numberForms)[number];
  readonly timestamps: TimestampKind;
  /** 0 to 9; digits that are left out are cut off, not rounded. Of RFC 3339 timestamps only. */
  readonly fractionDigits: number;
  /** Whether numbers that are 0, and an egress that never started, are written at all. */
  readonly zeros: (typeof zeroForms)[number];
  readonly egress: (typeof egressForms)[number];
  /** How the end of a session is written that has none. */
  readonly running: (typeof runningForms)[number];
}

/** As the documentation's example reads. */
export const documentedSpelling: WireSpelling = {
  fields: 'camelCase',
  numbers: 'number',
  timestamps: 'rfc3339',
  fractionDigits: 6,
  zeros: 'present',
  egress: 'number',
  running: 'absent',
};

/** Every combination there is, 1,296 of them: fraction digits count for RFC 3339 timestamps only. */
export const everySpelling: readonly WireSpelling[] = fieldNames.flatMap((fields) =>
  numberForms.flatMap((numbers) =>
    everyTimestamp().flatMap(({ timestamps, fractionDigits }) =>
      zeroForms.flatMap((zeros) =>
        egressForms.flatMap((egress) =>
          runningForms.map((running) => ({
            fields,
            numbers,
            timestamps,
            fractionDigits,
            zeros,
            egress,
            running,
          })),
        ),
      ),
    ),
  ),
);

function everyTimestamp(): Pick<WireSpelling, 'timestamps' | 'fractionDigits'>[] {
  return timestampKinds.flatMap((timestamps) =>
    Array.from({ length: timestamps === 'rfc3339' ? 10 : 1 }, (_, fractionDigits) => ({
      timestamps,
      fractionDigits,
    })),
  );
}

/** How a session's row is spelled when each is spelled another way: always the same for the same session. */
export function mixedSpelling(sessionId: string): WireSpelling {
  return everySpelling[hashOf(sessionId) % everySpelling.length] as WireSpelling;
}

const egressNames = ['EGRESS_NEVER_STARTED', 'EGRESS_ACTIVE', 'EGRESS_ENDED'] as const;

export type WireObject = Record<string, unknown>;

/** The row of the session list. */
export function spellRow(reading: SessionReading, spelling: WireSpelling): WireObject {
  return spellObject(sessionFields, spelling, {
    sessionId: reading.sessionId,
    roomName: reading.roomName,
    createdAt: spellTime(reading.createdAt, spelling),
    lastActive: spellTime(reading.lastActive, spelling),
    endedAt: reading.endedAt === 0 ? spellRunning(spelling) : spellTime(reading.endedAt, spelling),
    bandwidthIn: spellNumber(reading.bandwidthIn, spelling),
    bandwidthOut: spellNumber(reading.bandwidthOut, spelling),
    egress: spellEgress(reading, spelling),
    numParticipants: spellNumber(reading.participants, spelling),
    numActiveParticipants: spellNumber(reading.activeParticipants, spelling),
  });
}

/** The object with the names of its fields as they are spelled, without those that are undefined. */
export function spellObject<Fields extends Readonly<Record<string, string>>>(
  fields: Fields,
  spelling: WireSpelling,
  values: Readonly<Partial<Record<keyof Fields, unknown>>>,
): WireObject {
  const object: WireObject = {};
  for (const field of Object.keys(fields)) {
    const value = values[field];
    if (value !== undefined) object[spelling.fields === 'camelCase' ? field : String(fields[field])] = value;
  }
  return object;
}

/** What the spelling says of a time, both in Unix seconds: it is exact to the microsecond at best. */
export function saidTime({ timestamps, fractionDigits }: WireSpelling): (time: number) => number {
  const digits = timestamps === 'rfc3339' ? Math.min(6, fractionDigits) : 6;
  const unit = 10 ** (6 - digits);
  return (time) => (Math.floor(Math.round(time * 1e6) / unit) * unit) / 1e6;
}

/** A time in Unix seconds as the spelling writes times. */
export function spellTime(unixSeconds: number, spelling: WireSpelling): unknown {
  return spellTimestamp(
    unixSeconds,
    spelling.timestamps,
    spelling.fractionDigits,
    spelling.zeros === 'absent',
  );
}

/** A whole number; undefined when it is left out. */
export function spellNumber(number: number, { numbers, zeros }: WireSpelling): unknown {
  if (number === 0 && zeros === 'absent') return undefined;
  if (numbers === 'number') return number;
  return Number.isSafeInteger(number) ? String(number) : BigInt(number).toString();
}

function spellEgress({ egress }: SessionReading, spelling: WireSpelling): unknown {
  if (egress === 0 && spelling.zeros === 'absent') return undefined;
  switch (spelling.egress) {
    case 'number':
      return egress;
    case 'digit_string':
      return String(egress);
    case 'enum_name':
      return egressNames[egress];
  }
}

function spellRunning({ running, timestamps }: WireSpelling): unknown {
  switch (running) {
    case 'absent':
      return undefined;
    case 'empty':
      return '';
    case 'zero':
      return zeroTimestamp(timestamps);
  }
}
