import { describe, expect, test } from 'vitest';
import { decodeEgresses, decodeRooms } from '../../../src/livekit/wire/live-decoder.ts';
import { stepsOf } from '../../core/session-rows.ts';

/** Enough to be interrupted often, and not so many that the interruptions take the time. */
function expectSteps(steps: Generator<unknown, unknown>, least: number): void {
  const count = stepsOf(steps);
  expect(count).toBeGreaterThan(least);
  expect(count).toBeLessThan(3 * least);
}

function run<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

const rooms = (body: unknown) =>
  run(decodeRooms(typeof body === 'string' ? body : JSON.stringify(body), ['s3cret']));
const egresses = (body: unknown) =>
  run(decodeEgresses(typeof body === 'string' ? body : JSON.stringify(body), []));

describe('rooms', () => {
  const standup = { sessionId: 'RM_1', name: 'standup', participants: 3, publishers: 2, isRecorded: true };

  test.each([
    {
      name: 'as LiveKit writes them',
      room: {
        sid: 'RM_1',
        name: 'standup',
        empty_timeout: 300,
        creation_time: '1700000000',
        num_participants: 3,
        num_publishers: 2,
        active_recording: true,
        metadata: '{}',
        turn_password: 'p',
      },
      want: standup,
    },
    {
      name: 'in camelCase, with numbers as strings',
      room: { sid: 'RM_1', name: 'standup', numParticipants: '3', numPublishers: '2', activeRecording: true },
      want: standup,
    },
    {
      name: 'without what is zero or false',
      room: { sid: 'RM_1', name: 'standup' },
      want: { ...standup, participants: 0, publishers: 0, isRecorded: false },
    },
    {
      name: 'with the longest id and name',
      room: { sid: 'R'.repeat(256), name: 'n'.repeat(1024) },
      want: {
        ...standup,
        sessionId: 'R'.repeat(256),
        name: 'n'.repeat(1024),
        participants: 0,
        publishers: 0,
        isRecorded: false,
      },
    },
    {
      name: 'without a name that is empty',
      room: { sid: 'RM_1', num_participants: 3, num_publishers: 2, active_recording: true },
      want: { ...standup, name: '' },
    },
  ])('$name', ({ room, want }) => {
    expect(rooms({ rooms: [room] })).toEqual({ rooms: [want], rejected: [] });
  });

  test.each([
    ['an empty list', { rooms: [] }],
    ['an empty list left out', {}],
    ['null', { rooms: null }],
  ])('%s is no room', (_, body) => {
    expect(rooms(body)).toEqual({ rooms: [], rejected: [] });
  });

  test.each([
    ['not_an_object', null],
    ['invalid_session_id', { name: 'a' }],
    ['invalid_session_id', { sid: '', name: 'a' }],
    ['invalid_session_id', { sid: 'R'.repeat(257), name: 'a' }],
    ['invalid_room_name', { sid: 'RM_1', name: 7 }],
    ['invalid_room_name', { sid: 'RM_1', name: 'n'.repeat(1025) }],
    ['invalid_number', { sid: 'RM_1', name: 'a', num_participants: 'many' }],
    ['invalid_number', { sid: 'RM_1', name: 'a', num_publishers: 'many' }],
    ['negative_number', { sid: 'RM_1', name: 'a', num_publishers: -1 }],
    ['negative_number', { sid: 'RM_1', name: 'a', num_participants: -1 }],
  ])('one that cannot be used is left out: %s', (reason, room) => {
    expect(rooms({ rooms: [room, { sid: 'RM_2', name: 'b' }] })).toMatchObject({
      rooms: [{ sessionId: 'RM_2' }],
      rejected: [reason],
    });
  });

  test.each([
    ['no object', '[1]', 'expected an object with a list "rooms", got no object'],
    ['no list', { rooms: 'none' }, 'got "rooms" that is no list'],
    ['an error', { code: 'unauthenticated', msg: 'bad s3cret' }, 'unauthenticated'],
    [
      'an error beside an empty list',
      { rooms: null, error: 'no s3cret for the database' },
      'for the database',
    ],
  ])('an answer that is none says so: %s', (_, body, words) => {
    expect(() => rooms(body)).toThrow(words);
    expect(() => rooms(body)).not.toThrow('s3cret');
  });
});

describe('egresses', () => {
  const running = { egressId: 'EG_1', status: 'active', startedAt: 1_700_000_000.5, endedAt: 0 };

  test.each([
    {
      name: 'as LiveKit writes them',
      egress: {
        egress_id: 'EG_1',
        room_id: 'RM_1',
        room_name: 'a',
        status: 'EGRESS_ACTIVE',
        started_at: '1700000000500000000',
        ended_at: '0',
        error: '',
        file: { s3: { secret: 'x' } },
      },
      want: running,
    },
    {
      name: 'in camelCase, with numbers',
      egress: { egressId: 'EG_1', status: 1, startedAt: 1_700_000_000_500_000_000 },
      want: running,
    },
    {
      name: 'starting, which is zero and left out',
      egress: { egress_id: 'EG_1' },
      want: { ...running, status: 'starting', startedAt: 0 },
    },
    {
      name: 'a status that later versions add, while it runs',
      egress: { egress_id: 'EG_1', status: 'EGRESS_PAUSED', started_at: '1700000000500000000' },
      want: running,
    },
    {
      name: 'a status that later versions add, ended with an error',
      egress: {
        egress_id: 'EG_1',
        status: 9,
        started_at: '1700000000500000000',
        ended_at: '1700000001500000000',
        error: 'disk',
      },
      want: { ...running, status: 'failed', endedAt: 1_700_000_001.5 },
    },
    ...['', undefined].map((error) => ({
      name: `a status that later versions add, ended with the error ${JSON.stringify(error)}`,
      egress: {
        egress_id: 'EG_1',
        status: 'EGRESS_SENT_2',
        started_at: '1700000000500000000',
        ended_at: '1700000001500000000',
        error,
      },
      want: { ...running, status: 'complete', endedAt: 1_700_000_001.5 },
    })),
    {
      name: 'a status as the number in a text',
      egress: { egress_id: 'EG_1', status: '1', started_at: '1700000000500000000' },
      want: running,
    },
  ])('$name', ({ egress, want }) => {
    expect(egresses({ items: [egress] })).toEqual({ egresses: [want], rejected: [], nextPageToken: '' });
  });

  test.each(['COMPLETE', 'FAILED', 'ABORTED', 'LIMIT_REACHED'])('the status %s', (status) => {
    expect(egresses({ items: [{ egress_id: 'EG_1', status: `EGRESS_${status}` }] }).egresses).toMatchObject([
      { status: status.toLowerCase() },
    ]);
  });

  test.each([
    ['the message of Protobuf', { next_page_token: { token: 'next' } }],
    ['a text', { nextPageToken: 'next' }],
  ])('the token of the next page: %s', (_, token) => {
    expect(egresses({ items: [], ...token }).nextPageToken).toBe('next');
  });

  test.each([
    ['not_an_object', null],
    ['invalid_egress', { status: 'EGRESS_ACTIVE' }],
    ['invalid_timestamp', { egress_id: 'EG_1', started_at: 'today' }],
    ['invalid_timestamp', { egress_id: 'EG_1', ended_at: 'today' }],
  ])('one that cannot be used is left out: %s', (reason, egress) => {
    expect(egresses({ items: [egress] })).toMatchObject({ egresses: [], rejected: [reason] });
  });
});

describe('a long answer', () => {
  /** Rooms as LiveKit writes them. */
  const answerOf = (metadata: readonly string[]) =>
    JSON.stringify({
      rooms: metadata.map((text, index) => ({
        sid: `RM_${index}`,
        name: `room ${index}`,
        empty_timeout: 300,
        creation_time: '1700000000',
        turn_password: 'p',
        enabled_codecs: [{ mime: 'video/VP8', fmtp_line: '' }],
        metadata: text,
        num_participants: 3,
      })),
    });
  const bare = { participants: 3, publishers: 0, isRecorded: false };

  test('is decoded room by room: 5,000 rooms are at least 5,000 steps', () => {
    const metadata = Array.from({ length: 5000 }, (_, index) => `{"index":${index}}`);
    expectSteps(decodeRooms(answerOf(metadata), []), 5000);
    expect(rooms(answerOf(metadata))).toEqual({
      rooms: metadata.map((_, index) => ({ sessionId: `RM_${index}`, name: `room ${index}`, ...bare })),
      rejected: [],
    });
  });

  test.each([
    ['one room', 1],
    ['fifty rooms', 50],
  ])('of which most is metadata is decoded in steps of a few thousand quotes: %s', (_, count) => {
    // Metadata is JSON, mostly: a quote every few characters.
    const metadata = JSON.stringify(Array.from({ length: 1_000_000 / count }, () => ''));
    const answer = answerOf(Array.from({ length: count }, () => metadata));
    expect(answer.length).toBeGreaterThan(5_000_000);
    expectSteps(decodeRooms(answer, []), 2_000_000 / 5000);
  });

  test('of fields that are not read is decoded in steps of a few thousand characters', () => {
    const tags = Array.from({ length: 100_000 }, () => '');
    expectSteps(decodeRooms(JSON.stringify({ rooms: [{ tags }] }), []), 200_000 / 5000);
    expectSteps(decodeRooms(JSON.stringify({ tags, rooms: [] }), []), 200_000 / 5000);
  });

  test('leaves nothing of its metadata behind', () => {
    const metadata = ['{"a":"b"}', 'm'.repeat(10_000), 'm'.repeat(5_000_000)];
    expect(rooms(answerOf(metadata))).toStrictEqual({
      rooms: metadata.map((_, index) => ({ sessionId: `RM_${index}`, name: `room ${index}`, ...bare })),
      rejected: [],
    });
  });
});
