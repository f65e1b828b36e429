import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePage } from '../../../src/livekit/wire/session-row-decoder.ts';
import type { RejectionReason, SessionRow } from '../../../src/core/session-row.ts';
import { SourceError } from '../../../src/core/source-error.ts';
import { complete, stepsOf } from '../../core/session-rows.ts';
import { assertProperty } from '../../property.ts';
import { inSnakeCase } from '../../simulator-support/spelling.ts';

const now = Date.UTC(2026, 2, 1, 12) / 1000;

const wireRow = {
  sessionId: 'RM_1',
  roomName: 'standup',
  createdAt: '2026-03-01T11:00:00Z',
  lastActive: '2026-03-01T11:59:59.5Z',
  bandwidthIn: 1000,
  bandwidthOut: '9007199254740993',
  egress: 1,
  numParticipants: 3,
  numActiveParticipants: 2,
};

const row: SessionRow = {
  sessionId: 'RM_1',
  roomName: 'standup',
  createdAt: now - 3600,
  lastActive: now - 0.5,
  endedAt: 0,
  bandwidthIn: 1000,
  bandwidthOut: 2 ** 53,
  egress: 1,
  participants: 3,
  activeParticipants: 2,
};

const times = ['createdAt', 'lastActive', 'endedAt'];

function decodeRows(...sessions: unknown[]) {
  return complete(decodePage({ sessions }, now, []));
}

describe('decodes a row', () => {
  test.each<{ name: string; given: object; want: Partial<SessionRow> }>([
    { name: 'with everything', given: {}, want: {} },
    { name: 'that ended', given: { endedAt: '2026-03-01T12:00:00Z' }, want: { endedAt: now } },
    { name: 'with an empty end', given: { endedAt: '' }, want: { endedAt: 0 } },
    {
      name: 'without bandwidth',
      given: { bandwidthIn: undefined, bandwidthOut: null },
      want: { bandwidthIn: 0, bandwidthOut: 0 },
    },
    { name: 'without participants', given: { numParticipants: undefined }, want: { participants: 0 } },
    {
      name: 'that does not say who is connected',
      given: { numActiveParticipants: undefined },
      want: { activeParticipants: undefined },
    },
    {
      name: 'that says nobody is connected',
      given: { numActiveParticipants: '0' },
      want: { activeParticipants: 0 },
    },
    { name: 'without egress', given: { egress: undefined }, want: { egress: 0 } },
    { name: 'without last activity', given: { lastActive: undefined }, want: { lastActive: 0 } },
    {
      name: 'with counts of connections',
      given: { connectionCounts: { attempts: '5', success: 4 } },
      want: { connectionCounts: { attempts: 5, successes: 4 } },
    },
    {
      name: 'with counts of connections that leave out zeros',
      given: { connection_counts: { attempts: 2 } },
      want: { connectionCounts: { attempts: 2, successes: 0 } },
    },
    {
      name: 'with counts of connections that are no numbers',
      given: { connectionCounts: { attempts: -1 } },
      want: {},
    },
    {
      name: 'with a count of connections that is no number',
      given: { connectionCounts: { attempts: 1, success: 'all' } },
      want: {},
    },
    {
      name: 'with the longest id and name',
      given: { sessionId: 'x'.repeat(256), roomName: 'x'.repeat(1024) },
      want: { sessionId: 'x'.repeat(256), roomName: 'x'.repeat(1024) },
    },
    { name: 'with counts of connections that are no object', given: { connectionCounts: 7 }, want: {} },
    { name: 'without a room name', given: { roomName: undefined }, want: { roomName: '' } },
    {
      name: 'with a room name of any script',
      given: { roomName: 'Raum "1" \n 会議室 🎥' },
      want: { roomName: 'Raum "1" \n 会議室 🎥' },
    },
    {
      name: 'with a room name cut inside a character',
      given: { roomName: 'a\ud83c' },
      want: { roomName: 'a\ufffd' },
    },
    {
      name: 'with a room name as an object key',
      given: { roomName: '__proto__' },
      want: { roomName: '__proto__' },
    },
    {
      name: 'with a clock that is a day ahead',
      given: Object.fromEntries(times.map((field) => [field, '2026-03-02T12:00:00Z'])),
      want: Object.fromEntries(times.map((field) => [field, now + 86_400])),
    },
    { name: 'with fields nobody knows', given: { region: 'eu', toString: 1 }, want: {} },
    { name: 'in the camelCase spelling when both are there', given: { session_id: 'RM_2' }, want: {} },
    {
      name: 'in the snake_case spelling when the other one is null',
      given: { roomName: null, room_name: 'retro' },
      want: { roomName: 'retro' },
    },
  ])('$name', ({ given, want }) => {
    expect(decodeRows({ ...wireRow, ...given })).toEqual({ rows: [{ ...row, ...want }], rejected: [] });
  });

  test('with a prototype as a field', () => {
    const page: unknown = JSON.parse(
      `{"sessions": [{"__proto__": {"sessionId": "RM_9"}, "createdAt": "2026-03-01T11:00:00Z"}]}`,
    );
    expect(complete(decodePage(page, now, []))).toEqual({ rows: [], rejected: ['invalid_session_id'] });
  });
});

describe('rejects a row', () => {
  test.each<[RejectionReason, unknown[]]>([
    ['not_an_object', [null, 'RM_1', 7, [], [wireRow]]],
    [
      'invalid_session_id',
      [
        {},
        { ...wireRow, sessionId: '' },
        { ...wireRow, sessionId: 7 },
        { ...wireRow, sessionId: 'x'.repeat(257) },
        { ...wireRow, sessionId: '..' },
        { ...wireRow, sessionId: '.' },
      ],
    ],
    [
      'invalid_room_name',
      [
        { ...wireRow, roomName: 7 },
        { ...wireRow, roomName: ['a'] },
        { ...wireRow, roomName: 'x'.repeat(1025) },
      ],
    ],
    [
      'invalid_timestamp',
      [
        { ...wireRow, createdAt: undefined },
        { ...wireRow, createdAt: '0001-01-01T00:00:00Z' },
        { ...wireRow, createdAt: 'soon' },
        { ...wireRow, lastActive: 'soon' },
        { ...wireRow, endedAt: true },
      ],
    ],
    [
      'future_timestamp',
      times.map((field) => ({
        ...wireRow,
        [field]: '2026-03-02T12:00:01Z',
      })),
    ],
    [
      'invalid_number',
      [
        { ...wireRow, bandwidthIn: 1.5 },
        { ...wireRow, bandwidthOut: '18446744073709551616' },
        { ...wireRow, numParticipants: '3.0' },
        { ...wireRow, numActiveParticipants: 'many' },
      ],
    ],
    [
      'negative_number',
      ['bandwidthIn', 'bandwidthOut', 'numParticipants', 'numActiveParticipants'].flatMap((field) => [
        { ...wireRow, [field]: -1 },
        { ...wireRow, [field]: '-1' },
      ]),
    ],
    [
      'invalid_egress',
      [
        { ...wireRow, egress: 3 },
        { ...wireRow, egress: 'INACTIVE' },
      ],
    ],
  ])('%s', (reason, sessions) => {
    expect(decodeRows(...sessions)).toEqual({ rows: [], rejected: sessions.map(() => reason) });
  });

  test('and keeps its neighbours', () => {
    expect(decodeRows({ ...wireRow, egress: 9 }, wireRow, null)).toEqual({
      rows: [row],
      rejected: ['invalid_egress', 'not_an_object'],
    });
  });
});

test('keeps both rows of a session that comes in both spellings', () => {
  const { sessionId: session_id, createdAt: created_at } = wireRow;
  const { rows } = decodeRows(wireRow, { session_id, created_at });
  expect(rows.map(({ sessionId }) => sessionId)).toEqual(['RM_1', 'RM_1']);
});

describe('takes for an empty page', () => {
  test.each([{}, { sessions: [] }, { sessions: null }])('%j', (body) => {
    expect(complete(decodePage(body, now, []))).toEqual({ rows: [], rejected: [] });
  });
});

function refusalOf(body: unknown, secrets: readonly string[] = []): unknown {
  try {
    return complete(decodePage(body, now, secrets));
  } catch (error) {
    return error;
  }
}

describe('refuses as a page', () => {
  test.each<[unknown, string]>([
    [null, 'null'],
    [[wireRow], 'an array'],
    ['<html>', 'a string'],
    [7, 'a number'],
    [{ rows: ['top secret'] }, 'an object without "sessions"'],
    [{ error: null, message: '', code: true, details: [] }, 'an object without "sessions"'],
    [{ sessions: {} }, '"sessions" as an object'],
    [{ sessions: 'top secret' }, '"sessions" as a string'],
    [JSON.parse('{"__proto__": {"sessions": []}}'), 'an object without "sessions"'],
  ])('%j', (body, came) => {
    const thrown = refusalOf(body);
    expect(thrown).toBeInstanceOf(SourceError);
    expect(thrown).toMatchObject({
      reason: 'schema',
      message: expect.stringMatching(new RegExp(`got ${came}$`)),
      remedy: expect.stringMatching(/^check that api\.url/),
    });
    expect((thrown as Error).message).not.toContain('secret');
  });
});

describe('refuses a list beside which the API reports an error', () => {
  test.each<[object, string]>([
    [{ sessions: null, error: 'timeout while querying' }, 'timeout while querying'],
    [{ sessions: [], error: { code: 13, message: 'database is down' } }, '13, database is down'],
    [{ sessions: [wireRow], errors: [{ message: 'a shard is missing' }] }, 'a shard is missing'],
    [{ sessions: [], errorCode: 13 }, '13'],
    [{ sessions: [], errorMessage: 'signed with hunter2' }, 'signed with [redacted]'],
  ])('%j', (body, words) => {
    expect(refusalOf(body, ['hunter2'])).toMatchObject({
      reason: 'schema',
      message: `the answer is not a page of sessions: expected an object with an array "sessions", got "sessions" beside an error: ${words}`,
      remedy: expect.stringMatching(/^wait: the API reports an error/),
    });
  });

  test.each([
    { error: null },
    { error: '' },
    { errors: [] },
    { error: {} },
    { error: false },
    { errorCode: 0 },
    { errorCode: '0' },
    { message: 'OK', code: 200 },
  ])('but not for %j', (fields) => {
    expect(complete(decodePage({ sessions: [wireRow], ...fields }, now, []))).toEqual({
      rows: [row],
      rejected: [],
    });
  });
});

test('refuses a page of more than 10,000 rows', () => {
  const rows = Array<unknown>(10_000).fill(wireRow);
  expect(complete(decodePage({ sessions: rows }, now, [])).rows).toHaveLength(10_000);
  const steps = stepsOf(decodePage({ sessions: rows }, now, []));
  expect(steps).toBeGreaterThan(70);
  expect(steps).toBeLessThan(200);
  expect(refusalOf({ sessions: [...rows, wireRow] })).toMatchObject({
    reason: 'schema',
    message: expect.stringMatching(/got one of 10001 sessions$/),
  });
});

describe('quotes of an object without sessions what it says about an error', () => {
  test.each<[object, string]>([
    [{ error: 'unauthorized' }, 'unauthorized'],
    [{ code: 16, message: 'no such project', details: [] }, '16, no such project'],
    [{ ok: false, errorMessage: 'try\nlater', rows: 'not this' }, 'try later'],
    [{ error: { code: 'plan_required', message: 'needs Scale' } }, 'plan_required, needs Scale'],
    [{ errors: [{ detail: 'first' }, 'second', { other: 'x' }] }, 'first, second, x'],
    [
      { msg: `signed with hunter2, sent eyJhbGciOi.eyJpc3Mi.c2ln` },
      'signed with [redacted], sent [redacted]',
    ],
    [{ reason: 'x '.repeat(200) }, 'x '.repeat(100)],
    [{ error: { error: { error: { error: { error: 'too deep' } } } }, message: 'top' }, 'top'],
  ])('%j', (body, words) => {
    expect(refusalOf(body, ['hunter2'])).toMatchObject({
      reason: 'schema',
      message: `the answer is not a page of sessions: expected an object with an array "sessions", got an object without "sessions": ${words}`,
    });
  });
});

/** Every way the wire may write a row: each field's name and value in one of its spellings, zeros left out or not. */
const spelledRow = fc.record({
  // These two would be steps in the path of a request for its details.
  sessionId: fc.string({ minLength: 1, maxLength: 40 }).filter((id) => id !== '.' && id !== '..'),
  roomName: fc.string({ unit: 'grapheme' }),
  createdAt: fc.integer({ min: 1, max: now }),
  lastActive: fc.integer({ min: 0, max: now }),
  endedAt: fc.integer({ min: 0, max: now }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  bandwidthIn: fc.maxSafeNat(),
  bandwidthOut: fc.maxSafeNat(),
  egress: fc.constantFrom(0, 1, 2),
  participants: fc.nat(),
  activeParticipants: fc.nat(),
  connectionCounts: fc.option(fc.record({ attempts: fc.nat(), successes: fc.nat() }), { nil: undefined }),
  choices: fc.infiniteStream(fc.nat(5)),
});

test('decodes any spelling to the same row', () => {
  assertProperty(
    fc.property(spelledRow, ({ choices, nanos, ...truth }) => {
      const choose = <Spelling>(spellings: readonly Spelling[]) =>
        spellings[choices.next().value % spellings.length] as Spelling;
      const numberSpellings = (value: number) =>
        choose([value, String(value), ...(value === 0 ? [undefined, null] : [])]);
      const timeSpellings = (seconds: number) => {
        if (seconds === 0)
          return choose([undefined, null, '', {}, '0001-01-01T00:00:00Z', { seconds: 0, nanos: 0 }]);
        const fraction = String(nanos).padStart(9, '0');
        const text = `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}`;
        return choose([
          `${text}Z`,
          `${text}+00:00`,
          text.toLowerCase() + 'z',
          { seconds, nanos },
          { seconds: String(seconds), nanos },
        ]);
      };
      const fields = {
        sessionId: truth.sessionId,
        roomName: truth.roomName,
        createdAt: timeSpellings(truth.createdAt),
        lastActive: timeSpellings(truth.lastActive),
        endedAt: timeSpellings(truth.endedAt),
        bandwidthIn: numberSpellings(truth.bandwidthIn),
        bandwidthOut: numberSpellings(truth.bandwidthOut),
        egress: choose([
          truth.egress,
          String(truth.egress),
          ['NEVER_STARTED', 'EGRESS_ACTIVE', 'ended'][truth.egress],
        ]),
        numParticipants: numberSpellings(truth.participants),
        numActiveParticipants: choose([truth.activeParticipants, String(truth.activeParticipants)]),
        connectionCounts: truth.connectionCounts && {
          attempts: numberSpellings(truth.connectionCounts.attempts),
          success: numberSpellings(truth.connectionCounts.successes),
        },
      };
      const spelled = Object.fromEntries(
        Object.entries(fields).map(([field, value]) => [choose([field, inSnakeCase(field)]), value]),
      );

      const time = (seconds: number) => (seconds === 0 ? 0 : seconds + nanos / 1e9);
      expect(complete(decodePage({ sessions: [spelled] }, now, []))).toEqual({
        rows: [
          {
            ...truth,
            createdAt: time(truth.createdAt),
            lastActive: time(truth.lastActive),
            endedAt: time(truth.endedAt),
          },
        ],
        rejected: [],
      });
    }),
  );
});

test('never throws for a row, whatever it is', () => {
  const fields = fc.dictionary(
    fc.constantFrom(...Object.keys(wireRow), 'endedAt', 'connectionCounts'),
    fc.jsonValue(),
  );
  assertProperty(
    fc.property(fc.array(fc.oneof(fc.jsonValue(), fields)), (sessions) => {
      const { rows, rejected } = complete(decodePage({ sessions }, now, []));
      expect(rows.length + rejected.length).toBe(sessions.length);
    }),
  );
});
