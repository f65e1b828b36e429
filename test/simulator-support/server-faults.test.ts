import { describe, expect, it } from 'vitest';
import type { FaultOrder } from './faults.ts';
import { idsOf, listPath, simulate, worldOf } from './running-simulator.ts';

async function responseTo(order: FaultOrder, sessions = 1): Promise<Response> {
  const simulator = await simulate(worldOf(sessions));
  simulator.faults.order(order);
  return simulator.get(listPath);
}

describe('a fault that comes instead of the answer', () => {
  it('is a status with Retry-After in seconds', async () => {
    const response = await responseTo({ kind: 'status', status: 429, retryAfterSeconds: 7 });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await response.json()).toEqual({ code: 'simulated', msg: 'simulated failure with status 429' });
  });

  it('is a status with Retry-After as a date', async () => {
    const response = await responseTo({
      kind: 'status',
      status: 503,
      body: 'upstream down',
      retryAfterSeconds: 90,
      retryAfterForm: 'date',
    });
    expect(response.headers.get('retry-after')).toBe('Fri, 21 Nov 2025 14:01:30 GMT');
    expect(await response.text()).toBe('upstream down');
  });

  it.each([401, 403] as const)('is %d for want of the Scale plan', async (status) => {
    const response = await responseTo({ kind: 'scale_plan', status });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain('Scale plan');
  });

  it('is a web page with status 200', async () => {
    const response = await responseTo({ kind: 'html' });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
  });

  it.each([
    ['array', []],
    ['string', 'sessions'],
    ['number', 0],
    ['null', null],
    ['empty_object', {}],
    ['sessions_null', { sessions: null }],
    ['sessions_string', { sessions: 'none' }],
    ['sessions_object', { sessions: { RM_1: {} } }],
  ] as const)('is JSON of the shape %s', async (shape, content) => {
    expect(await (await responseTo({ kind: 'wrong_shape', shape })).json()).toEqual(content);
  });

  it('hits the pages it is for', async () => {
    const simulator = await simulate(worldOf(1));
    simulator.faults.order({ kind: 'status', status: 500, pages: [1] });
    const statuses = [];
    for (const path of [listPath, `${listPath}?page=1`, `${listPath}?page=2`, `${listPath}/RM_0`]) {
      statuses.push((await simulator.get(path)).status);
    }
    expect(statuses).toEqual([200, 500, 200, 200]);
  });

  it('is a redirect', async () => {
    const response = await responseTo({
      kind: 'redirect',
      location: 'http://elsewhere.invalid/',
      status: 307,
    });
    expect([response.status, response.headers.get('location')]).toEqual([307, 'http://elsewhere.invalid/']);
  });

  it('is a connection that is reset', async () => {
    await expect(responseTo({ kind: 'reset' })).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  it.each(['giant_body', 'gzip_bomb'] as const)('is a body of as many bytes as ordered: %s', async (kind) => {
    const response = await responseTo({ kind, bytes: 5_000_000 });
    expect(response.headers.get('content-encoding')).toBe(kind === 'gzip_bomb' ? 'gzip' : null);
    const text = await response.text();
    expect(text).toHaveLength(5_000_000);
    expect(JSON.parse(text)).toEqual({ sessions: [] });
  });

  it('is a body without end as far as anybody cares, which stops when the client goes', async () => {
    const response = await responseTo({ kind: 'gzip_bomb', bytes: 2 ** 36 });
    const reader = response.body!.getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
  });
});

describe('a fault on the way', () => {
  it('sends less than Content-Length promised', async () => {
    const response = await responseTo({ kind: 'truncated_body', cut: 'connection' }, 3);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('cuts the JSON off in an answer that is complete', async () => {
    const text = await (await responseTo({ kind: 'truncated_body', cut: 'json' }, 3)).text();
    expect(text).toMatch(/^\{"sessions":\[\{/);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('sends the body a few bytes at a time', async () => {
    const response = await responseTo({ kind: 'slow_body', chunkBytes: 40, pauseMilliseconds: 1 });
    expect(await idsOf(response)).toEqual(['RM_0']);
  });

  it('pauses longer than anybody waits', async () => {
    const response = await responseTo({ kind: 'slow_body', chunkBytes: 40, pauseMilliseconds: 600_000 });
    const reader = response.body!.getReader();
    expect((await reader.read()).value).toHaveLength(40);
    await reader.cancel();
  });
});

describe('a fault in the list', () => {
  async function pagesOf(order: FaultOrder, pages: readonly number[]): Promise<string[][]> {
    const simulator = await simulate(worldOf(7), { rowOrder: 'oldest_first' });
    simulator.faults.order(order);
    return Promise.all(
      pages.map(async (page) => idsOf(await simulator.get(`${listPath}?limit=3&page=${page}`))),
    );
  }

  it('shows rows twice, as if sessions were inserted between the requests', async () => {
    const pages = await pagesOf({ kind: 'shifting_pages', change: 'inserted', sessions: 1 }, [0, 1, 2, 3, 4]);
    expect(pages).toEqual([
      ['RM_0', 'RM_1', 'RM_2'],
      ['RM_2', 'RM_3', 'RM_4'],
      ['RM_4', 'RM_5', 'RM_6'],
      ['RM_6'],
      [],
    ]);
  });

  it('skips rows, as if sessions were removed between the requests', async () => {
    const pages = await pagesOf({ kind: 'shifting_pages', change: 'removed', sessions: 1 }, [0, 1, 2]);
    expect(pages).toEqual([['RM_0', 'RM_1', 'RM_2'], ['RM_4', 'RM_5', 'RM_6'], []]);
  });

  it('never ends', async () => {
    const [first, later] = await pagesOf({ kind: 'endless_pages' }, [0, 1_000_000]);
    expect(later).toEqual(first);
  });

  it('breaks rows one by one and leaves the others', async () => {
    const response = await responseTo({ kind: 'broken_rows', breakage: 'missing_id', rows: 2 }, 3);
    expect(await idsOf(response)).toEqual([undefined, undefined, 'RM_0']);
  });
});
