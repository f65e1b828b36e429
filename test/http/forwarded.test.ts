import { expect, it } from 'vitest';
import { forwardedFor } from '../../src/http/metrics.ts';

it.each<{ headers: Record<string, string>; want: string | undefined }>([
  { headers: {}, want: undefined },
  { headers: { 'x-forwarded-for': '10.0.0.7' }, want: '10.0.0.7' },
  { headers: { 'x-forwarded-for': '10.0.0.7, 192.0.2.1' }, want: '10.0.0.7' },
  { headers: { 'x-forwarded-for': '10.0.0.7:41234' }, want: '10.0.0.7' },
  { headers: { 'x-forwarded-for': '2001:db8::7' }, want: '2001:db8::7' },
  { headers: { 'x-forwarded-for': '[2001:db8::7]:41234' }, want: '2001:db8::7' },
  { headers: { 'x-forwarded-for': 'unknown, 10.0.0.7' }, want: '10.0.0.7' },
  { headers: { forwarded: 'for=10.0.0.7' }, want: '10.0.0.7' },
  { headers: { forwarded: 'proto=https;For="[2001:db8::7]:4711";by=192.0.2.1' }, want: '2001:db8::7' },
  { headers: { forwarded: 'for="10.0.0.7:80", for=192.0.2.1' }, want: '10.0.0.7' },
  { headers: { forwarded: 'for=_hidden, for=unknown' }, want: undefined },
  { headers: { forwarded: 'by=10.0.0.7' }, want: undefined },
])('finds $want in $headers', ({ headers, want }) => {
  expect(forwardedFor(headers)).toBe(want);
});
