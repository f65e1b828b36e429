import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SampleBuffer } from '../../src/exposition/sample-buffer.ts';
import { assertProperty } from '../property.ts';

const numbers = fc.oneof(
  fc.maxSafeNat(),
  fc.double(),
  fc.nat(),
  fc.constantFrom(0, -0, 1e9, 1e9 - 1, 1e15, 2 ** 53, 2 ** 53 - 1, 1e21, 2 ** 64),
  fc.constantFrom(1e-6, 1e-7, 2 ** 32 - 1e-6, 2 ** 32 + 1e-6, 0.1, 0.1 + 0.2, 1e-6 + 2 ** -52),
  // Times: as they come, in nanoseconds, and half-way between two of seven decimals.
  fc.double({ min: 2 ** 28, max: 2 ** 32 + 100, noNaN: true }),
  fc.nat(1e9 - 1).map((nanoseconds) => 1_795_694_059 + nanoseconds / 1e9),
  fc.nat(2 ** 16).map((parts) => 2 ** 30 + parts / 2 ** 8),
  ...[1e3, 1e6, 1e7].map((parts) => fc.maxSafeNat().map((number) => number / parts)),
);

it('writes every number as JavaScript does', () => {
  const text = new SampleBuffer();
  assertProperty(
    fc.property(fc.array(numbers), (values) => {
      for (const value of values) text.writeValue(value);
      expect(text.take(Buffer.alloc(0)).toString()).toBe(
        values.map((value) => `} ${String(value)}\n`).join(''),
      );
    }),
    { numRuns: 1000 },
  );
});

it('writes the phrases it has learned, also after it has grown and was taken', () => {
  const text = new SampleBuffer();
  const phrases = ['', 'a', 'é🎉'.repeat(20_000), '{room="b"'];
  const numbersOfPhrases = phrases.map((phrase) => text.learn(phrase));
  for (let round = 0; round < 3; round++) {
    for (const phrase of numbersOfPhrases) text.write(phrase);
    expect(text.length).toBe(Buffer.byteLength(phrases.join('')));
    expect(text.take(Buffer.alloc(10)).toString()).toBe(phrases.join(''));
    expect(text.length).toBe(0);
  }
  text.clear();
  text.write(text.learn('anew'));
  expect(text.take(Buffer.alloc(10)).toString()).toBe('anew');
});

it('writes every character, wherever it stands: copied as numbers, none is a NaN', () => {
  // The largest and smallest that begin with f0 to f4, DEL, and what stands at the end of a text cut in two.
  const characters = fc.constantFrom('\u{10000}', '\u{10ffff}', '\u007f', '\u0000', '\u07ff', '\ud83d', 'a');
  const phrases = fc.array(fc.array(characters, { maxLength: 20 }).map((units) => units.join('')));
  assertProperty(
    fc.property(phrases, (wanted) => {
      const text = new SampleBuffer();
      const learned = wanted.map((phrase) => text.learn(phrase));
      for (const phrase of learned) text.write(phrase);
      expect(text.take(Buffer.alloc(0))).toEqual(Buffer.concat(wanted.map((phrase) => Buffer.from(phrase))));
    }),
  );
});
