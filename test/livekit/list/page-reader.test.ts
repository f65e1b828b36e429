import { describe, expect, test } from 'vitest';
import type { SessionPage } from '../../../src/core/session-row.ts';
import { FixedPages } from '../../../src/livekit/list/page-plan.ts';
import { PageReader, PagesResized } from '../../../src/livekit/list/page-reader.ts';
import { noon, sessionRow } from '../../core/session-rows.ts';

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
    pageSize: 3,
    requestTimeout: 10,
    now: () => noon,
  });
  reader.beginPart();
  const request = { signal: new AbortController().signal, onPage: () => undefined };
  const outcome = await Promise.resolve()
    .then(() => reader.read(request, { from: noon, plan: new FixedPages([0]), knownRows: 0 }))
    .then(() => reader.endPart())
    .catch((error: unknown) => (error instanceof PagesResized ? 'resized' : String(error)));
  return { asked, outcome };
}

describe('rows that cannot be used', () => {
  const unusable: SessionPage = {
    rows: [],
    rejected: ['invalid_egress', 'invalid_number', 'invalid_egress'],
  };

  test('are no empty list but a failure when there are no others', async () => {
    const { outcome } = await read(unusable);
    expect(outcome).toContain('no row of the session list could be used: invalid_egress, invalid_number');
  });

  test('or not, a page is as old as the API says, otherwise as its reading', async () => {
    const rows = [1, 2, 3].map((number) => sessionRow({ sessionId: `RM_${number}` }));
    const { outcome } = await read({ rows, rejected: [], time: 5 }, { rows, rejected: [] });
    expect(outcome).toMatchObject([
      { readAt: noon, time: 5 },
      { readAt: noon, time: noon },
    ]);
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

describe('a page that is not full', () => {
  const rows = [1, 2].map((number) => sessionRow({ sessionId: `RM_${number}` }));

  test('is the last of the list when none follows or the next is empty', async () => {
    const { outcome } = await read({ rows, rejected: [] }, { rows: [], rejected: [] });
    expect(outcome).toMatchObject([{ rows }, { rows: [] }]);
  });

  test('with another behind it is all that the API gives', async () => {
    const { outcome } = await read({ rows, rejected: [] }, { rows: rows.slice(1), rejected: [] });
    expect(outcome).toBe('resized');
  });
});

test.each([
  { pageSize: 10, isAskedAgain: true },
  { pageSize: 40, isAskedAgain: false },
])('a page of $pageSize rows that was late is asked for as it is: $isAskedAgain', async (given) => {
  const asked: boolean[] = [];
  const reader = new PageReader({
    list: {
      readPages: ({ retryTimeouts }) => {
        asked.push(retryTimeouts);
        return Promise.resolve([]);
      },
    },
    pageSize: given.pageSize,
    requestTimeout: 10,
    now: () => noon,
  });
  const request = { signal: new AbortController().signal, onPage: () => undefined };
  await reader.read(request, { from: noon, plan: new FixedPages([0]), knownRows: 0 });
  expect(asked).toEqual([given.isAskedAgain]);
});
