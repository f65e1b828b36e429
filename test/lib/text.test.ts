import { expect, test } from 'vitest';
import { quotation } from '../../src/lib/text.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJBUEkifQ.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU';

test.each([
  { name: 'keeps plain words', given: 'no such project', want: 'no such project' },
  { name: 'joins lines', given: ' a\r\n\tb ', want: 'a b' },
  { name: 'drops control characters', given: 'a\u0000b\u001b[31mc\u202ed\u200be', want: 'ab[31mcde' },
  { name: 'removes tokens', given: `token ${jwt} refused`, want: 'token [redacted] refused' },
  { name: 'removes short tokens', given: 'token eyJh.eyJ.x refused', want: 'token [redacted] refused' },
  { name: 'removes the secret', given: 'key/hunter2!', want: 'key/[redacted]!' },
  { name: 'removes a secret hidden by control characters', given: 'hun\u0000ter2', want: '[redacted]' },
  {
    name: 'removes a secret hidden by invisible characters',
    given: 'hun\u034fter\ufe0f2',
    want: '[redacted]',
  },
  {
    name: 'quotes no secret that is cut where the text ends',
    given: `${'\u0000'.repeat(4092)}hunter2`,
    want: '',
  },
  { name: 'removes what is as long as a secret', given: `secret=${'aB3'.repeat(14)}`, want: '[redacted]' },
  {
    name: 'keeps the name of a metric',
    given: 'livekit_cloud_room_session_bandwidth_in_bytes: out of order',
    want: 'livekit_cloud_room_session_bandwidth_in_bytes: out of order',
  },
  {
    name: 'removes what only begins like one',
    given: 'livekit_cloud_room_aB3aB3aB3aB3aB3aB3',
    want: '[redacted]',
  },
  { name: 'removes a user in a URL', given: 'GET https://me:pw@host/', want: 'GET https://[redacted]@host/' },
])('$name', ({ given, want }) => {
  expect(quotation(given, ['hunter2'])).toBe(want);
});

test('quotes 200 characters at most, and none by half', () => {
  expect(quotation('word '.repeat(100), [])).toHaveLength(200);
  expect(quotation(`${'word '.repeat(39)}1234🎥`, [])).toBe(`${'word '.repeat(39)}1234\ufffd`);
});
