import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpDate } from '../../../src/livekit/client/http-date.ts';

const { TZ } = process.env;

beforeEach(() => {
  process.env['TZ'] = 'Asia/Tokyo';
});

afterEach(() => {
  if (TZ === undefined) delete process.env['TZ'];
  else process.env['TZ'] = TZ;
});

test.each<[string | undefined, number | undefined]>([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777],
  ['Sun Nov  6 08:49:37 1994', 784_111_777],
  ['Wed Nov 16 08:49:37 1994', 784_975_777],
  ['Sunday, 01-Mar-26 12:00:30 GMT', 1_772_366_430],
  [undefined, undefined],
  ['', undefined],
  ['1.5', undefined],
  ['Sun, 1.5 GMT', undefined],
  ['Sun, 99 Mar 2026 12:00:30 GMT', undefined],
  ['Sun, 01 Mar 2026 12:00:30', undefined],
  ['Sun, 01 Mar 2026 12:00:30 +0100', undefined],
  ['Sun Nov  6 08:49:37 1994 PST', undefined],
  ['2026-03-01T12:00:30Z', undefined],
])('%j is %j', (header, want) => {
  expect(httpDate(header)).toBe(want);
});
