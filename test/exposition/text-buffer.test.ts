import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TextBuffer } from '../../src/exposition/text-buffer.ts';

it('writes every number as JavaScript does', () => {
  const numbers = fc.oneof(
    fc.maxSafeNat(),
    fc.double(),
    fc.nat(),
    fc.constantFrom(0, -0, 1e15, 1e15 - 1, 1e21, 2 ** 64),
  );
  fc.assert(
    fc.property(fc.array(numbers), (values) => {
      const text = new TextBuffer();
      for (const value of values) text.appendNumberLine(value);
      expect(text.take().toString()).toBe(values.map((value) => `${String(value)}\n`).join(''));
    }),
    { numRuns: 1000 },
  );
});

it('grows with what is appended and begins anew once it is taken', () => {
  const text = new TextBuffer();
  const long = 'é🎉'.repeat(5000);
  text.append(long);
  text.appendBytes(Buffer.from('0123456789'), 2, 5);
  expect(text.holds(Buffer.from(`${long}234`))).toBe(true);
  expect(text.holds(Buffer.from(`${long}235`))).toBe(false);
  expect(text.take().toString()).toBe(`${long}234`);
  expect(text.length).toBe(0);
  text.append('next');
  expect(text.take().toString()).toBe('next');
});
