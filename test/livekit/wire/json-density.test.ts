import { expect, test } from 'vitest';
import { isTooDense } from '../../../src/livekit/wire/json-density.ts';

const mebibyte = 2 ** 20;

function judge(text: string): boolean {
  const steps = isTooDense(text);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A list of at least so many characters. */
function listOf(value: string, length: number): string {
  const count = Math.ceil(length / (value.length + 1));
  return `[${Array.from({ length: count }, () => value).join(',')}]`;
}

test.each(['{}', '[]', '[[]]', '1', '{"a":1}', '"a"', '{"a":{},"b":{}}'])(
  'a long list of %s is too dense, a short one is not',
  (value) => {
    expect(judge(listOf(value, mebibyte))).toBe(true);
    expect(judge(listOf(value, mebibyte / 2))).toBe(false);
  },
);

test('nesting without an end is too dense', () => {
  expect(judge('['.repeat(2 * mebibyte))).toBe(true);
  expect(judge('{"a":'.repeat(mebibyte))).toBe(true);
});

test('harm at the end of a long text is found', () => {
  expect(judge(`["${'a'.repeat(mebibyte)}",${listOf('{}', mebibyte)}]`)).toBe(true);
});

test.each([
  { written: 'short', participant: { identity: 'a', sessions: [{ joinedAt: 0, leftAt: 1 }] } },
  {
    written: 'in full',
    participant: {
      participantIdentity: 'user-1234',
      participantName: 'Somebody',
      roomId: 'RM_abcdefgh',
      isActive: true,
      sessions: [{ sessionId: 'PA_1', joinedAt: '2026-03-01T12:00:00Z', leftAt: '2026-03-01T12:30:00Z' }],
      publishedSources: { cameraTrack: true, microphoneTrack: true, screenShareTrack: false },
    },
  },
])('participants $written are not', ({ participant }) => {
  expect(judge(listOf(JSON.stringify(participant), 4 * mebibyte))).toBe(false);
});
