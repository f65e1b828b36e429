import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateDecoder, type DecodedState } from '../../src/state/decoding.ts';
import { encodeState } from '../../src/state/encoding.ts';
import { ContentError, maxFileBytes, maxLineBytes, type StateRecord } from '../../src/state/format.ts';
import { assertProperty } from '../property.ts';

const writtenAt = 1_795_305_723.5;
const records: StateRecord[] = [{ room: 'Müller会議🎉', bytes: 12 }, ['a\nb', null, 1.5], {}];

function encoded(given: Iterable<StateRecord> = records): Buffer {
  return Buffer.concat([...encodeState(given, writtenAt)].filter((piece) => piece !== undefined));
}

/** Decodes bytes that arrive in pieces of this size. */
function decoded(bytes: Buffer, pieceBytes = 64 * 1024): DecodedState {
  const decoder = new StateDecoder();
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    Array.from(decoder.take(bytes.subarray(start, start + pieceBytes)));
  }
  return decoder.end();
}

function complaint(bytes: Buffer): string {
  try {
    decoded(bytes);
  } catch (error) {
    if (error instanceof ContentError) return error.message;
    throw error;
  }
  return 'none';
}

/** A file with a checksum that is right. */
function sealed(lines: readonly string[], count: number): Buffer {
  const body = lines.map((line) => `${line}\n`).join('');
  const digest = createHash('sha256').update(body).digest('hex');
  return Buffer.from(`${body}"end: ${count} records, sha256 ${digest}"\n`);
}

const header = '{"format":"livekit-cloud-exporter state","version":1,"written_at":5}';

it('writes lines of JSON between a header and a checksum', () => {
  const lines = encoded([['a'], { b: 1 }])
    .toString()
    .split('\n');
  expect(lines.slice(0, 3)).toEqual([
    '{"format":"livekit-cloud-exporter state","version":1,"written_at":1795305723.5}',
    '["a"]',
    '{"b":1}',
  ]);
  expect(lines[3]).toMatch(/^"end: 2 records, sha256 [0-9a-f]{64}"$/);
  expect(lines.slice(4)).toEqual(['']);
});

it('reads a file of an earlier day', () => {
  expect(decoded(sealed([header, '["a"]', '{"b":1}'], 2))).toEqual({
    records: [['a'], { b: 1 }],
    writtenAt: 5,
  });
});

it('gives back any records, in whatever pieces their bytes arrive', () => {
  const record = fc.oneof(
    fc.array(fc.jsonValue()),
    fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      fc.jsonValue(),
    ),
  );
  assertProperty(
    fc.property(fc.array(record), fc.integer({ min: 1, max: 300 }), (given, pieceBytes) => {
      const want: unknown = JSON.parse(JSON.stringify({ records: given, writtenAt }));
      expect(decoded(encoded(given), pieceBytes)).toEqual(want);
    }),
  );
});

it('gives back more records than fit into one piece', () => {
  const many = Array.from({ length: 5000 }, (_, id) => ({ id, text: 'é'.repeat(id % 50) }));
  expect(decoded(encoded(many))).toEqual({ records: many, writtenAt });
  expect([...encodeState(many, writtenAt)].filter((piece) => piece !== undefined).length).toBeGreaterThan(2);
});

describe('gives out nothing of a file', () => {
  const whole = encoded();

  it('that ends at any byte before its last', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(complaint(whole.subarray(0, length)), `${length} bytes`).not.toBe('none');
    }
  });

  it('with any bit flipped', () => {
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const altered = Buffer.from(whole);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(complaint(altered), `bit ${bit}`).not.toBe('none');
    }
  });

  it('with any byte missing, or there twice', () => {
    for (let at = 0; at < whole.length; at += 1) {
      const without = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]);
      const twice = Buffer.concat([whole.subarray(0, at + 1), whole.subarray(at)]);
      expect(complaint(without), `without byte ${at}`).not.toBe('none');
      expect(complaint(twice), `byte ${at} twice`).not.toBe('none');
    }
  });

  it('with any two lines exchanged, or one missing', () => {
    const lines = whole.toString().split('\n').slice(0, -1);
    const join = (given: readonly string[]) => Buffer.from(given.map((line) => `${line}\n`).join(''));
    expect(complaint(join(lines))).toBe('none');
    for (let at = 0; at < lines.length - 1; at += 1) {
      expect(complaint(join(lines.toSpliced(at, 1)))).not.toBe('none');
      expect(complaint(join(lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!)))).not.toBe('none');
    }
  });
});

const text = encoded().toString();
const foreign = 'it is not a file of the kind "livekit-cloud-exporter state"';
const complaints: { name: string; given: string | Buffer; want: string }[] = [
  { name: 'nothing', given: '', want: 'it is empty' },
  { name: 'zeros', given: Buffer.alloc(200), want: foreign },
  { name: 'endless zeros', given: Buffer.alloc(maxLineBytes + 100), want: foreign },
  { name: 'a line break', given: '\n', want: foreign },
  { name: 'another text', given: 'projects:\n  - name: a\n', want: foreign },
  { name: 'another JSON', given: '{"rooms":[]}\n', want: foreign },
  { name: 'a JSON that is no object', given: 'null\n', want: foreign },
  { name: 'something binary', given: createHash('sha512').update('x').digest(), want: foreign },
  {
    name: 'a newer version',
    given: sealed([header.replace('"version":1', '"version":2'), '["a"]'], 1),
    want: 'it is from a newer release (format version 2; this one knows 1)',
  },
  {
    name: 'an older version',
    given: sealed([header.replace('"version":1', '"version":0'), '["a"]'], 1),
    want: 'it has a format version that this release does not know (0; it knows 1)',
  },
  {
    name: 'no version',
    given: sealed([header.replace('"version":1,', ''), '["a"]'], 1),
    want: 'it has a format version that this release does not know (undefined; it knows 1)',
  },
  {
    name: 'a time that is none',
    given: sealed([header.replace('5}', '"5"}')], 0),
    want: 'its first line was altered',
  },
  {
    name: 'a header alone',
    given: text.slice(0, text.indexOf('\n')),
    want: 'it was cut off after 0 records',
  },
  { name: 'no checksum', given: text.slice(0, text.indexOf('"end')), want: 'it was cut off after 3 records' },
  { name: 'no last line break', given: text.slice(0, -1), want: 'it was cut off after 3 records' },
  {
    name: 'a tail of zeros',
    given: text.slice(0, text.indexOf('{}')) + '\0'.repeat(100),
    want: 'it was cut off after 2 records',
  },
  { name: 'another file behind', given: text + text, want: 'something follows its last line' },
  { name: 'a character behind', given: `${text}x`, want: 'something follows its last line' },
  { name: 'a line break behind', given: `${text}\n`, want: 'something follows its last line' },
  { name: 'a broken record', given: text.replace('[', '<'), want: 'it was altered: line 3 is not a record' },
  {
    name: 'an endless line',
    given: text.replace('[', `[${' '.repeat(maxLineBytes)}`.repeat(2)),
    want: 'it was altered: line 3 is not a record',
  },
  {
    name: 'an altered number',
    given: text.replace('12', '13'),
    want: 'it was altered: its checksum is not that of its content',
  },
  {
    name: 'the line breaks of Windows',
    given: text.replaceAll('\n', '\r\n'),
    want: 'it was altered: its checksum is not that of its content',
  },
  {
    name: 'a wrong count',
    given: sealed([header, '["a"]'], 2),
    want: 'it was altered: its checksum is not that of its content',
  },
];

it.each(complaints)('says of $name what is wrong', ({ given, want }) => {
  expect(complaint(Buffer.from(given))).toBe(want);
});

it('does not wait for the end of a line that is too long', () => {
  const decoder = new StateDecoder();
  const piece = Buffer.alloc(64 * 1024);
  const take = (pieces: number) => {
    for (let taken = 0; taken < pieces; taken += 1) Array.from(decoder.take(piece));
  };
  take(maxLineBytes / piece.length);
  expect(() => take(1)).toThrow(foreign);
});

it('writes nothing that could not be read again for its size', () => {
  const consume = (given: Iterable<StateRecord>) => () => {
    const pieces = encodeState(given, writtenAt);
    while (!pieces.next().done);
  };
  expect(consume([['x'.repeat(maxLineBytes - 4)]])).not.toThrow();
  expect(decoded(encoded([['x'.repeat(maxLineBytes - 4)]])).records).toHaveLength(1);
  expect(consume([['x'.repeat(maxLineBytes - 3)]])).toThrow('one of its records is larger than 1 MiB');
  const large = ['x'.repeat(maxLineBytes - 10)];
  expect(consume(Array.from({ length: maxFileBytes / maxLineBytes + 1 }, () => large))).toThrow(
    'it would be larger than 256 MiB',
  );
});
