// A state as bytes: how it is laid out, and what is said of one that was changed.
import { expect, test } from 'vitest';
import { decodeState, encodeState } from '../../src/state/content.ts';
import { finished } from '../../src/core/steps.ts';
import { now } from './temporary-state.ts';

const project = 'production (p_1)';
const content = {
  since: 1,
  sessions: Array.from({ length: 500 }, (_, id) => ({ id, room: 'x'.repeat(40) })),
};
const pieces = () => {
  const written: Buffer[] = [];
  finished(encodeState(project, { content, writtenAt: now }, (piece) => written.push(piece)));
  return written;
};

test('long lists are written one element a line', () => {
  const lines = Buffer.concat(pieces()).toString().trimEnd().split('\n');
  expect(lines).toHaveLength(content.sessions.length + 3);
  expect(finished(decodeState(project, Buffer.concat(pieces())))).toEqual({ content, writtenAt: now });
});

test.each([
  ['before its last line', '{"sha256"', 'x{"sha256"'],
  ['at its end', '"}\n', '"}\n{}\n'],
])('a state to which something was added %s is refused as such', (_where, at, instead) => {
  const text = Buffer.concat(pieces()).toString();
  const place = text.lastIndexOf(at);
  const changed = Buffer.from(text.slice(0, place) + instead + text.slice(place + at.length));
  expect(() => finished(decodeState(project, changed))).toThrow('something was added to it');
});
