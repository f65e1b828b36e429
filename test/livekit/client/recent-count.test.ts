import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentCount } from '../../../src/livekit/client/recent-count.ts';
import { assertProperty } from '../../property.ts';

test('counts the events of the last seconds, and the second at hand, whatever the gaps between them', () => {
  assertProperty(
    fc.property(fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { maxLength: 60 }), (gaps) => {
      const count = new RecentCount(10);
      const times: number[] = [];
      let now = 1000;
      for (const gap of gaps) {
        now += gap;
        count.add(now);
        times.push(now);
        const within = times.filter((time) => Math.floor(time) >= Math.floor(now) - 10);
        expect(count.at(now)).toBe(within.length);
        // Never less than there were in the last ten seconds.
        expect(count.at(now)).toBeGreaterThanOrEqual(times.filter((time) => time > now - 10).length);
      }
      expect(count.at(now + 100)).toBe(0);
    }),
  );
});
