// Spells times as JSON knows them: RFC 3339 texts and the object forms of a Protobuf Timestamp.

export const timestampKinds = ['rfc3339', 'seconds_string', 'seconds_number'] as const;

/** `rfc3339`: "2025-01-31T12:00:00.5Z"; the others: `{seconds: "1738324800", nanos}`, `{seconds: 1738324800, nanos}`. */
export type TimestampKind = (typeof timestampKinds)[number];

/**
 * A time in Unix seconds, exact to the microsecond (what a double holds today).
 * @param fractionDigits Of RFC 3339, 0 to 9; further digits are cut off.
 * @param omitsZeros Leaves out `nanos` when they are 0.
 */
export function spellTimestamp(
  unixSeconds: number,
  kind: TimestampKind,
  fractionDigits: number,
  omitsZeros: boolean,
): unknown {
  const microseconds = Math.round(unixSeconds * 1e6);
  const seconds = Math.floor(microseconds / 1e6);
  const fraction = microseconds - seconds * 1e6;
  if (kind === 'rfc3339') {
    const date = new Date(seconds * 1000).toISOString().slice(0, -5);
    if (fractionDigits === 0) return `${date}Z`;
    return `${date}.${String(fraction).padStart(6, '0').padEnd(9, '0').slice(0, fractionDigits)}Z`;
  }
  const spelled = kind === 'seconds_string' ? String(seconds) : seconds;
  return fraction === 0 && omitsZeros ? { seconds: spelled } : { seconds: spelled, nanos: fraction * 1000 };
}

/** The time that stands for no time. */
export function zeroTimestamp(kind: TimestampKind): unknown {
  switch (kind) {
    case 'rfc3339':
      return '0001-01-01T00:00:00Z';
    case 'seconds_string':
      return { seconds: '0', nanos: 0 };
    case 'seconds_number':
      return { seconds: 0, nanos: 0 };
  }
}
