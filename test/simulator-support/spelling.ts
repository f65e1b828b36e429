// Spells answers as the API might write them: every way of the wire format seen so far, one fixed or each session
// another. Decides only how things are written, never what.
import { hashOf } from './hash-of.ts';
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

/** What the spelling says of a time, both in Unix seconds: it is exact to the microsecond at best. */
export function saidTime({ timestamps, fractionDigits }: WireSpelling): (time: number) => number {
  const digits = timestamps === 'rfc3339' ? Math.min(6, fractionDigits) : 6;
  const unit = 10 ** (6 - digits);
  return (time) => (Math.floor(Math.round(time * 1e6) / unit) * unit) / 1e6;
}

const times = ['createdAt', 'lastActive', 'endedAt', 'startTime', 'endTime', 'joinedAt', 'leftAt'];
const egressNames = ['EGRESS_NEVER_STARTED', 'EGRESS_ACTIVE', 'EGRESS_ENDED'];

export type WireObject = Readonly<Record<string, unknown>>;

/** An object of an answer that is written as the documentation's example reads, spelled otherwise. */
export function respelled(documented: WireObject, spelling: WireSpelling): WireObject {
  const object: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(documented)) {
    const spelled = spellValue(field, value, spelling);
    if (spelled !== undefined) object[spellField(field, spelling)] = spelled;
  }
  const isRunningRow = 'lastActive' in documented && !('endedAt' in documented);
  if (isRunningRow && spelling.running !== 'absent')
    object[spellField('endedAt', spelling)] =
      spelling.running === 'empty' ? '' : zeroTimestamp(spelling.timestamps);
  return object;
}

function spellField(field: string, { fields }: WireSpelling): string {
  return fields === 'camelCase' ? field : inSnakeCase(field);
}

export function inSnakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** Undefined when it is left out. */
function spellValue(field: string, value: unknown, spelling: WireSpelling): unknown {
  const omitsZeros = spelling.zeros === 'absent';
  if (times.includes(field)) {
    const { timestamps, fractionDigits } = spelling;
    return spellTimestamp(readTimestamp(String(value)), timestamps, fractionDigits, omitsZeros);
  }
  if ((value === 0 || value === false) && omitsZeros) return undefined;
  if (field === 'egress') {
    if (spelling.egress === 'number') return value;
    return spelling.egress === 'digit_string' ? String(value) : egressNames[Number(value)];
  }
  if (typeof value === 'number') return spelling.numbers === 'number' ? value : BigInt(value).toString();
  if (Array.isArray(value)) return value.map((element: WireObject) => respelled(element, spelling));
  return typeof value === 'object' && value !== null ? respelled(value as WireObject, spelling) : value;
}

/** Unix seconds. */
function readTimestamp(text: string): number {
  return Date.parse(`${text.slice(0, 19)}Z`) / 1000 + Number(`0.${text.slice(20, -1)}`);
}
