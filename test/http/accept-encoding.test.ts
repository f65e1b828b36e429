import { expect, test } from 'vitest';
import { chooseEncoding } from '../../src/http/accept-encoding.ts';

test.each([
  { given: undefined, want: 'identity' },
  { given: '', want: 'identity' },
  { given: 'gzip', want: 'gzip' },
  { given: 'GZIP', want: 'gzip' },
  { given: 'x-gzip', want: 'gzip' },
  { given: 'deflate, br', want: 'identity' },
  { given: 'deflate, gzip;q=1.0, *;q=0.5', want: 'gzip' },
  { given: 'gzip;q=0.001', want: 'gzip' },
  { given: 'gzip;q=0', want: 'identity' },
  { given: 'gzip;q=0.000', want: 'identity' },
  { given: 'gzip ; q=0 , *', want: 'identity' },
  { given: '*', want: 'gzip' },
  { given: '*;q=0', want: 'identity' },
  { given: 'identity', want: 'identity' },
  { given: 'identity, gzip', want: 'gzip' },
  { given: 'identity, gzip;q=0.5', want: 'identity' },
  { given: 'identity;q=0.5, gzip', want: 'gzip' },
  { given: 'identity;q=0', want: 'identity' },
  { given: 'identity;q=0, *', want: 'gzip' },
  { given: 'gzip;q=2', want: 'identity' },
  { given: 'gzip;q=no', want: 'identity' },
  { given: 'gzip;level=9', want: 'gzip' },
  { given: 'gzippy', want: 'identity' },
  { given: ', ,gzip', want: 'gzip' },
])('answers Accept-Encoding "$given" with $want', ({ given, want }) => {
  expect(chooseEncoding(given)).toBe(want);
});
