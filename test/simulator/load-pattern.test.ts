import { describe, expect, it } from 'vitest';
import { busiest, loadAt } from '../../src/simulator/session-kinds.ts';

const hours = Array.from({ length: 7 * 24 }, (_, hour) => loadAt(hour * 3600));

describe('the pattern of the load', () => {
  it('has the mean 1 over a week and no hour busier than the busiest', () => {
    expect(hours.reduce((sum, load) => sum + load, 0) / hours.length).toBeCloseTo(1, 10);
    expect(Math.max(...hours)).toBeCloseTo(busiest, 10);
  });

  it('is busier on a Tuesday than on a Sunday, at noon than at night', () => {
    const at = (date: string): number => loadAt(Date.parse(date) / 1000);
    expect(at('2025-11-18T12:00:00Z')).toBeGreaterThan(2 * at('2025-11-16T12:00:00Z'));
    expect(at('2025-11-18T12:00:00Z')).toBeGreaterThan(3 * at('2025-11-18T03:00:00Z'));
  });

  it('repeats every week', () => {
    expect(loadAt(1_763_733_600 + 7 * 86_400)).toBe(loadAt(1_763_733_600));
  });
});
