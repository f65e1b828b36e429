import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonElements } from '../../../src/livekit/wire/json-elements.ts';
import { complete } from '../../core/session-rows.ts';
import { assertProperty } from '../../property.ts';

function read(text: string): { elements: unknown[]; rest: unknown } {
  const elements: unknown[] = [];
  const rest = complete(jsonElements(text, 'rooms', (element) => elements.push(element)));
  return { elements, rest };
}

describe('an answer of many elements', () => {
  const rooms = fc.array(fc.jsonValue(), { maxLength: 8 });
  const others = fc.dictionary(
    fc.string({ unit: 'binary' }).filter((name) => name !== 'rooms' && name !== '__proto__'),
    fc.jsonValue(),
    { maxKeys: 4 },
  );

  test('is what JSON.parse makes of it, element by element, wherever the list stands', () => {
    void assertProperty(
      fc.property(
        rooms,
        others,
        others,
        fc.constantFrom(undefined, 1, '\t'),
        (list, before, after, indent) => {
          const answer = { ...before, rooms: list, ...after };
          const { elements, rest } = read(JSON.stringify(answer, null, indent));
          const { rooms: parsed, ...whole } = JSON.parse(JSON.stringify(answer)) as { rooms: unknown[] };
          expect(elements).toEqual(parsed);
          expect(rest).toEqual({ ...whole, rooms: [] });
        },
      ),
    );
  });

  test.each([
    ['another list of the same name further inside', '{"a":{"rooms":[1]},"rooms":[2]}', [2]],
    [
      'quotes, brackets and backslashes in strings',
      String.raw`{"rooms":["]\\","\"}",{"a":"[{\\\""}]}`,
      [']\\', '"}', { a: '[{\\"' }],
    ],
    ['an empty list of more than its brackets', '{"rooms":[ \n]}', []],
    ['no list', '{"other":[1,2]}', []],
    ['null instead of a list', '{"rooms":null}', []],
  ])('%s', (_, text, expected) => {
    expect(read(text).elements).toEqual(expected);
  });

  test('never copies strings that are longer than any field', () => {
    const metadata = 'm'.repeat(1_000_000);
    const text = JSON.stringify({
      rooms: [
        { name: 'a', metadata },
        { name: 'b', metadata },
      ],
      note: metadata,
    });
    expect(read(text)).toEqual({
      elements: [
        { name: 'a', metadata: 0 },
        { name: 'b', metadata: 0 },
      ],
      rest: { rooms: [], note: 0 },
    });
  });

  test.each([
    '',
    '{',
    '{"rooms":[',
    '{"rooms":[{"a":1}',
    '{"rooms":[{"a":1},',
    '{"rooms":[{]}]}',
    '{"rooms":[1 2]}',
    '{"rooms":[1],}',
    '<html>',
    '{"rooms":["a]}',
  ])('throws for what is no JSON: %s', (text) => {
    expect(() => read(text)).toThrow(SyntaxError);
  });

  test('throws or reads as JSON.parse does, wherever an answer is cut or changed', () => {
    const text = JSON.stringify({
      rooms: [{ sid: 'RM_1', name: 'a "b" \\ []' }, { sid: 'RM_2' }],
      next: { token: 'x' },
    });
    void assertProperty(
      fc.property(
        fc.nat(text.length),
        fc.nat(3),
        fc.constantFrom('', '"', '{', '}', '[', ']', ',', '\\'),
        (at, cut, by) => {
          const changed = text.slice(0, at) + by + text.slice(at + cut);
          let whole: { rooms?: unknown } | undefined;
          try {
            whole = JSON.parse(changed) as { rooms?: unknown };
          } catch {
            expect(() => read(changed)).toThrow(SyntaxError);
            return;
          }
          const { elements } = read(changed);
          expect(elements).toEqual(Array.isArray(whole.rooms) ? whole.rooms : []);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
