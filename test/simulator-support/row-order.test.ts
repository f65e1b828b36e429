import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptedCloud } from './scripted-cloud.ts';
import { RowOrder, rowOrders } from './row-order.ts';
import { assertProperty } from '../property.ts';

function cloudOf(sessions: number): ScriptedCloud {
  const cloud = new ScriptedCloud({ startedAt: 0 });
  for (let i = 0; i < sessions; i++) cloud.addSession({ roomName: 'a', startsAt: i });
  return cloud;
}

describe('the pages of a list', () => {
  it('hold every session exactly once, in any order and size, and are empty after the last', () => {
    assertProperty(
      fc.property(
        fc.constantFrom(...rowOrders),
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 70 }),
        fc.nat({ max: 70 }),
        (name, sessions, limit, skipped) => {
          const cloud = cloudOf(sessions);
          const order = new RowOrder(name);
          const first = Math.min(skipped, sessions);
          const listed: string[] = [];
          for (let page = 0; ; page++) {
            const rows = order.slice(cloud, first, sessions, page * limit, (page + 1) * limit);
            if (rows.length === 0) break;
            listed.push(...rows.map(({ id }) => id));
          }
          expect(listed.sort()).toEqual(
            cloud.sessions
              .slice(first)
              .map(({ id }) => id)
              .sort(),
          );
        },
      ),
    );
  });

  it.each([
    { name: 'oldest_first', want: [2, 3] },
    { name: 'newest_first', want: [7, 6] },
  ] as const)('come $name', ({ name, want }) => {
    const rows = new RowOrder(name).slice(cloudOf(10), 0, 10, 2, 4);
    expect(rows.map(({ startsAt }) => startsAt)).toEqual(want);
  });

  it('keep their shuffled order when a session comes', () => {
    const cloud = cloudOf(20);
    const order = new RowOrder('shuffled');
    const before = order.slice(cloud, 0, 20, 0, 20);
    const late = cloud.addSession({ roomName: 'a', startsAt: 21 });
    const after = order.slice(cloud, 0, 21, 0, 21);
    expect(after.filter(({ id }) => id !== late)).toEqual(before);
    expect(before.map(({ startsAt }) => startsAt)).not.toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});
