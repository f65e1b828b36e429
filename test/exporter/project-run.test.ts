import { expect, it } from 'vitest';
import { logMonth } from '../../src/exporter/project-run.ts';

it.each([
  ['2026-12-01', '2026-12'],
  ['2027-01-01', '2027-01'],
])('the month that began on %s is logged as %s', (begin, month) => {
  const lines: unknown[] = [];
  const log = { info: (_: string, fields?: object) => lines.push(fields) };
  logMonth(log, { begin: Date.parse(begin) / 1000, egressSeconds: 60 });
  expect(lines).toEqual([{ month, egress_seconds: 60 }]);
});
