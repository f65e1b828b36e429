import fc from 'fast-check';
import { expect, it } from 'vitest';
import { finished, inSteps, merged, sorted } from '../../src/core/steps.ts';
import { complete, stepsOf } from './session-rows.ts';
import { assertProperty } from '../property.ts';

const byKey = (a: { key: number }, b: { key: number }): number => a.key - b.key;
const elements = fc.array(
  fc.integer({ min: 0, max: 50 }).map((key) => ({ key })),
  { maxLength: 3000, size: 'max' },
);

it('sorts as Array.prototype.sort does, equals in their old order', () => {
  assertProperty(
    fc.property(elements, (keys) => {
      const given = keys.map((element, place) => ({ ...element, place }));
      expect(complete(sorted(given, byKey))).toEqual([...given].sort(byKey));
      expect(finished(sorted(given, byKey))).toEqual([...given].sort(byKey));
    }),
    { numRuns: 50 },
  );
});

it('merges two sorted arrays into one', () => {
  assertProperty(
    fc.property(elements, elements, (left, right) => {
      left.sort(byKey);
      right.sort(byKey);
      expect(complete(merged(left, right, byKey))).toEqual([...left, ...right].sort(byKey));
    }),
    { numRuns: 50 },
  );
});

it('yields at least once for every thousand elements, and not for each', () => {
  const descending = Array.from({ length: 20_000 }, (_, index) => ({ key: -index }));
  for (const steps of [
    sorted(descending, byKey),
    merged(descending, [], byKey),
    merged([], descending, byKey),
    inSteps(descending, () => undefined),
  ]) {
    const count = stepsOf(steps);
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(500);
  }
});
