import { describe, expect, test } from 'vitest';
import type { SessionPage } from '../../../src/core/session-row.ts';
import { FixedPages } from '../../../src/livekit/list/page-plan.ts';
import { PageReader, PageSize } from '../../../src/livekit/list/page-reader.ts';
import { noon, sessionRow } from '../../core/session-rows.ts';

describe('the size of pages', () => {
  test('halves with each timeout, down to ten rows', () => {
    const size = new PageSize(100);
    const rows: number[] = [];
    while (size.canShrink) {
      size.shrink();
      rows.push(size.rows);
    }
    expect(rows).toEqual([50, 25, 12, 10]);
  });

  test('is not made smaller than it was configured when that is less than ten', () => {
    expect(new PageSize(7).canShrink).toBe(false);
  });

  test('doubles after ten good polls in a row, up to what was configured', () => {
    const size = new PageSize(30);
    size.shrink();
    size.shrink();
    expect(size.rows).toBe(10);
    const after = (polls: number): number => {
      for (let poll = 0; poll < polls; poll++) size.recordGoodPoll();
      return size.rows;
    };
    expect([after(9), after(1), after(9), after(1), after(20)]).toEqual([10, 20, 20, 30, 30]);
  });

  test('starts to count good polls anew after a timeout', () => {
    const size = new PageSize(40);
    size.shrink();
    for (let reading = 0; reading < 9; reading++) size.recordGoodPoll();
    size.shrink();
    size.recordGoodPoll();
    expect(size.rows).toBe(10);
  });
});

describe('rows that cannot be used', () => {
  const unusable: SessionPage = {
    rows: [],
    rejected: ['invalid_egress', 'invalid_number', 'invalid_egress'],
  };

  /** Reads these pages as one part. */
  async function read(...pages: SessionPage[]) {
    const asked: number[] = [];
    const reader = new PageReader({
      list: {
        readPages: ({ onPage }) => {
          for (const [page, answer] of pages.entries()) {
            asked.push(page);
            onPage?.({ ...answer, page, repeats: 0 });
          }
          return Promise.resolve([]);
        },
      },
      pageSize: 10,
      now: () => noon,
    });
    reader.beginPart();
    const request = { signal: new AbortController().signal, onPage: () => undefined };
    const outcome = await Promise.resolve()
      .then(() => reader.read(request, { from: noon, plan: new FixedPages([0]) }))
      .then(() => reader.endPart())
      .catch(String);
    return { asked, outcome };
  }

  test('are no empty list but a failure when there are no others', async () => {
    const { outcome } = await read(unusable);
    expect(outcome).toContain('no row of the session list could be used: invalid_egress, invalid_number');
  });

  test('end the listing after 20 pages of nothing else', async () => {
    const { asked, outcome } = await read(...new Array<SessionPage>(30).fill(unusable));
    expect(asked).toHaveLength(20);
    expect(outcome).toContain('no row of the session list could be used');
  });

  test('do no harm beside one that can', async () => {
    const { asked, outcome } = await read(
      { rows: [sessionRow({ sessionId: 'RM_1' })], rejected: [] },
      ...new Array<SessionPage>(100).fill(unusable),
    );
    expect(asked).toHaveLength(101);
    expect(outcome).toHaveLength(101);
  });
});
