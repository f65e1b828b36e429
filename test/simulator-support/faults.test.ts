import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakageNames, breakRows } from './broken-answers.ts';
import { Faults, type FaultOrder, type FaultTarget } from './faults.ts';
import { assertProperty } from '../property.ts';

const list: FaultTarget = { project: 'p_1', endpoint: 'sessions', page: 0, rows: 100, session: undefined };
const details: FaultTarget = {
  ...list,
  endpoint: 'session',
  page: undefined,
  rows: undefined,
  session: 'RM_1',
};

function hitsOf(order: FaultOrder, targets: readonly FaultTarget[]): boolean[] {
  const faults = new Faults();
  faults.order(order);
  return targets.map((target) => faults.strike(target).replacement !== undefined);
}

describe('an order', () => {
  const table: { name: string; order: FaultOrder; targets: FaultTarget[]; hits: boolean[] }[] = [
    { name: 'without a count stays', order: { kind: 'hang' }, targets: [list, list], hits: [true, true] },
    {
      name: 'with a count is done',
      order: { kind: 'hang', times: 1 },
      targets: [list, list],
      hits: [true, false],
    },
    {
      name: 'for pages leaves the others',
      order: { kind: 'hang', pages: [1, 2] },
      targets: [0, 1, 2, undefined].map((page) => ({ ...list, page })),
      hits: [false, true, true, false],
    },
    {
      name: 'for an endpoint leaves the other',
      order: { kind: 'hang', endpoint: 'session' },
      targets: [list, details],
      hits: [false, true],
    },
    {
      name: 'for a session leaves the others, and the list',
      order: { kind: 'hang', session: 'RM_2' },
      targets: [list, details, { ...details, session: 'RM_2' }],
      hits: [false, false, true],
    },
    {
      name: 'for a project leaves the others',
      order: { kind: 'hang', project: 'p_2' },
      targets: [list, { ...list, project: 'p_2' }],
      hits: [false, true],
    },
  ];
  it.each(table)('$name', ({ order, targets, hits }) => {
    expect(hitsOf(order, targets)).toEqual(hits);
  });

  it('for a share hits that share of any number of requests', () => {
    assertProperty(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (share, requests) => {
          const hits = hitsOf({ kind: 'hang', share }, Array<FaultTarget>(requests).fill(list)).filter(
            Boolean,
          ).length;
          expect(Math.abs(hits - share * requests)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('comes before later ones of its sort, which are not used up meanwhile', () => {
    const faults = new Faults();
    faults.order(
      { kind: 'hang', times: 1 },
      { kind: 'reset', times: 1 },
      { kind: 'endless_pages', times: 1 },
    );
    expect(faults.strike(list)).toMatchObject({
      replacement: { kind: 'hang' },
      disorders: [{ kind: 'endless_pages' }],
    });
    expect(faults.strike(list)).toMatchObject({ replacement: { kind: 'reset' }, disorders: [] });
    expect(faults.list()).toEqual([]);
  });

  it('is gone when all are cleared', () => {
    const faults = new Faults();
    faults.order({ kind: 'hang' });
    faults.clear();
    expect(faults.strike(list).replacement).toBeUndefined();
  });
});

describe('broken rows', () => {
  const row = { session_id: 'RM_1', room_name: 'a', created_at: '2025-11-21T14:00:00Z', egress: 0 };

  it.each(breakageNames)('%s differs from the row and leaves it as it was', (name) => {
    const before = structuredClone(row);
    expect(breakRows([row], name, 1)).not.toEqual([row]);
    expect(row).toEqual(before);
  });

  it('are the first of the page, each broken another way in turn', () => {
    const rows = Array.from({ length: breakageNames.length + 3 }, () => row);
    const broken = breakRows(rows, 'each_in_turn', breakageNames.length + 1);
    expect(new Set(broken.map((each) => JSON.stringify(each))).size).toBe(breakageNames.length + 1);
    expect(broken.slice(-2)).toEqual([row, row]);
  });
});
