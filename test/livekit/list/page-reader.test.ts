import { describe, expect, test } from 'vitest';
import type { SessionPage } from '../../../src/core/session-row.ts';
import { SourceError } from '../../../src/core/source-error.ts';
import { RequestFailure } from '../../../src/livekit/client/request-failure.ts';
import { fixedPages, PagePlan } from '../../../src/livekit/list/page-plan.ts';
import { PageReader, PagesResized } from '../../../src/livekit/list/page-reader.ts';
import { pageRows } from '../../../src/livekit/list/page-size.ts';
import { noon, sessionRow } from '../../core/session-rows.ts';
import { listedPage } from './listed-pages.ts';
import { MemoryList } from './memory-list.ts';

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
    pageSize: pageRows(3),
    requestTimeout: 10,
    now: () => noon,
  });
  reader.beginPart();
  const request = { signal: new AbortController().signal, onPage: () => undefined };
  const outcome = await Promise.resolve()
    .then(() => reader.read(request, { from: noon, plan: fixedPages([0]), knownRows: 0 }))
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
    pageSize: pageRows(given.pageSize),
    requestTimeout: 10,
    now: () => noon,
  });
  const request = { signal: new AbortController().signal, onPage: () => undefined };
  await reader.read(request, { from: noon, plan: fixedPages([0]), knownRows: 0 });
  expect(asked).toEqual([given.isAskedAgain]);
});

const request = { signal: new AbortController().signal, onPage: () => undefined };

describe('that the API gives fewer rows than the ten it was asked for', () => {
  test.each<{ name: string; arrived: [page: number, rows: number][]; knownRows?: number; isFound: boolean }>([
    {
      name: 'shows where another page follows',
      arrived: [
        [0, 6],
        [1, 6],
      ],
      isFound: true,
    },
    {
      name: 'shows where that page comes first',
      arrived: [
        [1, 6],
        [0, 6],
      ],
      isFound: true,
    },
    {
      name: 'does not show where one page comes twice',
      arrived: [
        [0, 6],
        [0, 6],
      ],
      isFound: false,
    },
    {
      name: 'does not show where the next is longer',
      arrived: [
        [0, 6],
        [1, 7],
      ],
      isFound: false,
    },
    {
      name: 'shows on a page alone where more rows are known',
      arrived: [[0, 6]],
      knownRows: 10,
      isFound: true,
    },
    {
      name: 'does not show where some of them may have left',
      arrived: [[0, 8]],
      knownRows: 10,
      isFound: false,
    },
  ])('$name', async ({ arrived, knownRows = 0, isFound }) => {
    const reader = new PageReader({
      list: {
        readPages: ({ onPage }) => {
          for (const [page, rows] of arrived) onPage?.(listedPage(page, Array<number>(rows).fill(noon)));
          return Promise.resolve([]);
        },
      },
      pageSize: pageRows(10),
      requestTimeout: 10,
      now: () => noon,
    });
    const reading = Promise.resolve().then(() =>
      reader.read(request, { from: noon, plan: fixedPages([0, 1]), knownRows }),
    );
    if (isFound) await expect(reading).rejects.toBeInstanceOf(PagesResized);
    else expect(await reading).toEqual([]);
  });
});

describe('while larger pages are tried', () => {
  /** 20 rows are tried instead of 10. */
  function startTrial(sessions: number) {
    const time = { now: noon };
    const list = new MemoryList(time);
    for (let number = 0; number < sessions; number++)
      list.add(sessionRow({ sessionId: `RM_${String(number)}`, createdAt: noon - number }));
    const pageSize = { first: 10, largest: 80 };
    const reader = new PageReader({ list, pageSize, requestTimeout: 10, now: () => time.now });
    reader.size.answered(0.1, true);
    reader.size.approach(20);
    const readRun = (expectedPages: number) =>
      reader.readRun(request, {
        from: noon,
        plan: new PagePlan({ pageSize: 20, concurrency: 4, expectedPages }),
        knownRows: 0,
      });
    return { list, reader, readRun };
  }

  test('a list that ends in a short page is read again in pages of before', async () => {
    const { reader, readRun } = startTrial(15);
    await expect(readRun(1)).rejects.toBeInstanceOf(PagesResized);
    expect(reader.size.rows).toBe(10);
  });

  test('a full page ends the trial', async () => {
    const { reader, readRun } = startTrial(35);
    expect(await readRun(1)).toHaveLength(2);
    expect([reader.size.rows, reader.size.isTrial]).toEqual([20, false]);
  });

  test.each([
    { name: 'that is late', failure: new SourceError('timeout', 'late', 'wait') },
    ...[400, 500].map((status) => ({
      name: `that is answered by ${String(status)}`,
      failure: new RequestFailure('server', 'limit', 'lower it', { retriable: false, status }),
    })),
  ])('a page $name is the one request that is lost', async ({ failure }) => {
    const { list, reader, readRun } = startTrial(100);
    list.onRequest = () => {
      throw failure;
    };
    await expect(readRun(5)).rejects.toBe(failure);
    expect(list.asked).toHaveLength(1);
    reader.shrinkAfter(failure);
    expect(reader.size.rows).toBe(10);
  });
});
