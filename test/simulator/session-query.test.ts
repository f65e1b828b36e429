import { describe, expect, it } from 'vitest';
import { readSessionQuery } from '../../src/simulator/project-api.ts';

const time = (date: string): number => Date.parse(date) / 1000;
const now = time('2025-11-21T14:00:00Z');

describe('the query of the list', () => {
  const good = [
    { query: '', want: { page: 0, limit: 100, from: time('2025-11-14T00:00:00Z'), until: Infinity } },
    { query: 'page=3&limit=20', want: { page: 3, limit: 20 } },
    { query: 'limit=9999', want: { limit: 1000 } },
    { query: 'start=2025-11-14', want: { from: time('2025-11-14T00:00:00Z') } },
    { query: 'start=2025-11-20&end=2025-11-21', want: { until: time('2025-11-21T00:00:00Z') } },
  ];
  it.each(good)('?$query', ({ query, want }) => {
    expect(readSessionQuery(new URLSearchParams(query), now)).toMatchObject(want);
  });

  const bad = [
    { query: 'page=-1', message: 'page must be a whole number from 0 on' },
    { query: 'page=', message: 'page must be a whole number from 0 on' },
    { query: 'page=1e3', message: 'page must be a whole number from 0 on' },
    { query: 'limit=0', message: 'limit must be a whole number from 1 on' },
    { query: 'limit=ten', message: 'limit must be a whole number from 1 on' },
    { query: 'start=yesterday', message: 'start must be a date, YYYY-MM-DD' },
    { query: 'start=2025-02-30', message: 'start must be a date, YYYY-MM-DD' },
    { query: 'start=2025-11-13', message: 'start must be within 7 days of the current date' },
    { query: 'end=2025-11-31', message: 'end must be a date, YYYY-MM-DD' },
    { query: 'start=2025-11-20&end=2025-11-19', message: 'end must not be before start' },
  ];
  it.each(bad)('?$query: $message', ({ query, message }) => {
    expect(readSessionQuery(new URLSearchParams(query), now)).toBe(message);
  });
});
