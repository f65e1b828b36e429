import { expect, test } from 'vitest';
import { errorWords } from '../../../src/livekit/wire/error-words.ts';

test('looks for no more words than can be quoted', () => {
  const words = errorWords({ errors: Array<string>(100_000).fill('word'), message: 'too late' });
  expect(words.length).toBeLessThan(2 * 4096);
  expect(words).toMatch(/^word, word/);
});

test('takes one long word whole, and none after it', () => {
  expect(errorWords({ error: 'x'.repeat(5000), message: 'too late' })).toBe('x'.repeat(5000));
});

test('finds nothing in what only looks like an object', () => {
  expect(
    errorWords(JSON.parse('{"__proto__": {"error": "no"}, "constructor": {"message": "no"}}') as object),
  ).toBe('');
});
