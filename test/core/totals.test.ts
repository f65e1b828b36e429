import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noGrowth as nothing, Totals } from '../../src/core/totals.ts';
import { assertProperty } from '../property.ts';

/** Whole numbers up to 2^64 that a double holds. */
const volumes = fc.tuple(fc.nat(2 ** 31 - 1), fc.nat(33)).map(([bytes, exponent]) => bytes * 2 ** exponent);

function sumOf(numbers: readonly number[]): number {
  return Number(numbers.reduce((sum, number) => sum + BigInt(number), 0n));
}

describe('totals', () => {
  it('are the doubles nearest to the true sums, far above 2^53 too', () => {
    assertProperty(
      fc.property(fc.array(volumes, { maxLength: 200 }), (numbers) => {
        const totals = new Totals();
        for (const bandwidthIn of numbers) totals.add({ ...nothing, bandwidthIn, bandwidthOut: bandwidthIn });
        const sum = sumOf(numbers);
        expect(totals.values).toEqual({ ...nothing, bandwidthIn: sum, bandwidthOut: sum });
      }),
    );
  });

  it('lose nothing of many small numbers on top of a large one', () => {
    const totals = new Totals();
    totals.add({ ...nothing, bandwidthIn: 2 ** 60 });
    for (let time = 0; time < 4096; time++) totals.add({ ...nothing, bandwidthIn: 1 });
    expect(totals.values.bandwidthIn).toBe(2 ** 60 + 4096);
  });

  it('add up, and go on from their state, without losing what rounding took', () => {
    assertProperty(
      fc.property(fc.array(volumes, { minLength: 2, maxLength: 50 }), fc.nat(49), (numbers, cut) => {
        const [head, tail, whole] = [new Totals(), new Totals(), new Totals()];
        for (const [index, bandwidthIn] of numbers.entries()) {
          (index < cut ? head : tail).add({ ...nothing, bandwidthIn });
        }
        whole.restore(head.state);
        whole.addSums(tail);
        expect(whole.values.bandwidthIn).toBe(sumOf(numbers));
      }),
    );
  });

  it('are nothing once they were cleared', () => {
    const totals = new Totals();
    totals.add({
      bandwidthIn: 2 ** 54,
      bandwidthOut: 1,
      sessionsStarted: 1,
      participantsJoined: 1,
      connected: 1,
      billableMinutes: 1,
    });
    totals.clear();
    expect(totals.values).toEqual(nothing);
  });
});
