import { describe, expect, it } from 'vitest';
import { logUniformMean, Random } from '../../src/simulator/random.ts';

const draws = 20_000;

function meanOf(draw: (random: Random) => number): number {
  const random = new Random(7);
  let sum = 0;
  for (let i = 0; i < draws; i++) sum += draw(random);
  return sum / draws;
}

describe('the seeded generator', () => {
  it('gives the same numbers for the same words, always', () => {
    const random = new Random(1, 2, 3, 4);
    const first = [random.fraction(), random.fraction(), random.fraction()].map(
      (fraction) => fraction * 2 ** 32,
    );
    expect(first).toMatchInlineSnapshot(`
      [
        800524041,
        903873393,
        3641854082,
      ]
    `);
  });

  it('gives unrelated numbers when one word differs by one', () => {
    const firsts = new Set<number>();
    for (let word = 0; word < 4; word++) {
      for (let value = 1; value <= 1000; value++) {
        const words: [number, number, number, number] = [0, 0, 0, 0];
        words[word] = value;
        firsts.add(new Random(...words).fraction());
      }
    }
    expect(firsts.size).toBe(4000);
  });

  const means: { draw: string; mean: number; of: (random: Random) => number }[] = [
    { draw: 'fraction', mean: 0.5, of: (random) => random.fraction() },
    { draw: 'exponential', mean: 3, of: (random) => random.exponential(3) },
    { draw: 'log-uniform', mean: logUniformMean(2, 50), of: (random) => random.logUniform(2, 50) },
    { draw: 'log-normal', mean: 4 * Math.exp(0.125), of: (random) => random.logNormal(4, 0.5) },
    { draw: 'whole', mean: 4, of: (random) => random.whole(2, 6) },
  ];
  it.each(means)('draws $draw with the mean it promises', ({ mean, of }) => {
    expect(meanOf(of) / mean).toBeCloseTo(1, 1);
  });

  it('draws whole numbers from the first to the last and no others', () => {
    const random = new Random(1);
    const drawn = new Set(Array.from({ length: 200 }, () => random.whole(-1, 2)));
    expect([...drawn].sort()).toEqual([-1, 0, 1, 2]);
  });
});
