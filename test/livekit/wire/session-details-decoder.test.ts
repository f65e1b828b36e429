import { describe, expect, it } from 'vitest';
import { decodeDetails } from '../../../src/livekit/wire/session-details-decoder.ts';
import { SourceError } from '../../../src/core/source-error.ts';
import { complete, noon } from '../../core/session-rows.ts';

const decode = (body: unknown) => complete(decodeDetails(body, noon));

const iso = (time: number) => new Date(time * 1000).toISOString();

/** As the API documents it. */
const documented = {
  roomId: 'RM_1',
  roomName: 'lobby',
  bandwidth: '123456789012',
  startTime: iso(noon - 900),
  endTime: iso(noon - 100),
  numParticipants: 1,
  participants: [
    {
      participantIdentity: 'ada@example.org',
      participantName: 'Ada',
      roomId: 'RM_1',
      joinedAt: iso(noon - 800),
      leftAt: iso(noon - 200),
      publishedSources: {
        cameraTrack: true,
        microphoneTrack: true,
        screenShareTrack: false,
        screenShareAudio: false,
      },
      sessions: [
        { sessionId: 'PA_2', joinedAt: iso(noon - 300), leftAt: iso(noon - 200) },
        { sessionId: 'PA_1', joinedAt: iso(noon - 800), leftAt: iso(noon - 500) },
      ],
      region: 'eu-west',
      connectionType: 'UDP',
      sdkVersion: 'client-sdk-js 2.5.1',
      location: 'Berlin',
    },
  ],
};

const kinds = { region: 'eu-west', connectionType: 'udp', sdk: 'client-sdk-js 2.5.1' };
const want = {
  endedAt: noon - 100,
  billableBandwidth: 123456789012,
  unusable: 0,
  numParticipants: 1,
  participants: [
    {
      joinedAt: noon - 800,
      leftAt: noon - 200,
      connections: [
        { joinedAt: noon - 800, leftAt: noon - 500, ...kinds },
        { joinedAt: noon - 300, leftAt: noon - 200, ...kinds },
      ],
      sources: ['camera', 'microphone'],
    },
  ],
};

/** All names in the older spelling. */
function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCased(inner),
    ]),
  );
}

/** All times in another spelling. */
function respelled(value: unknown, spell: (time: number) => unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => respelled(inner, spell));
  if (typeof value === 'string' && /^\d{4}-\d\d-/.test(value)) return spell(Date.parse(value) / 1000);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, respelled(inner, spell)]));
}

describe('every spelling of the wire format', () => {
  it.each([
    { name: 'as it is documented', body: documented },
    { name: 'in snake_case', body: snakeCased(documented) },
    {
      name: 'with numbers for texts',
      body: { ...documented, bandwidth: 123456789012, numParticipants: '1' },
    },
    {
      name: 'with nanoseconds',
      body: respelled(documented, (time) => iso(time).replace('.000Z', '.000000000Z')),
    },
    {
      name: 'with Protobuf timestamps',
      body: respelled(documented, (time) => ({ seconds: String(time), nanos: 0 })),
    },
    { name: 'with Protobuf timestamps of numbers', body: respelled(documented, (seconds) => ({ seconds })) },
    { name: 'through JSON', body: JSON.parse(JSON.stringify(documented)) as unknown },
  ])('$name', ({ body }) => {
    expect(decode(body)).toEqual({ details: want, rejected: [] });
  });
});

describe('what is left out', () => {
  it('of a session that runs: its end and those of its connections', () => {
    const { details } = decode({
      roomId: 'RM_1',
      participants: [{ joinedAt: iso(noon - 60), sessions: [{ joinedAt: iso(noon - 60), leftAt: '' }] }],
    });
    expect(details).toMatchObject({ endedAt: 0, billableBandwidth: undefined, numParticipants: 0 });
    expect(details.participants).toMatchObject([{ leftAt: 0, connections: [{ leftAt: 0 }], sources: [] }]);
  });

  it('nothing where no byte is billed', () => {
    expect(decode({ participants: [], bandwidth: 0 }).details.billableBandwidth).toBe(0);
  });

  it.each([
    { name: 'the list of participants', body: { roomId: 'RM_1' } },
    { name: 'null for the list', body: { room_id: 'RM_1', participants: null } },
    { name: 'all but an empty list', body: { participants: [] } },
  ])('$name', ({ body }) => {
    expect(decode(body)).toMatchObject({ details: { participants: [] }, rejected: [] });
  });

  it('the connections of a participant, who had one for as long as it was there', () => {
    const people = [
      { participantIdentity: 'a', joinedAt: iso(noon - 60), leftAt: iso(noon - 30) },
      { participantIdentity: 'b', joinedAt: iso(noon - 60), sessions: [] },
    ];
    expect(decode({ participants: people }).details.participants).toMatchObject([
      { connections: [{ joinedAt: noon - 60, leftAt: noon - 30 }] },
      { connections: [{ joinedAt: noon - 60, leftAt: 0 }] },
    ]);
  });

  it.each([
    { name: 'is its own, where it has one', own: noon - 30, participant: noon - 5, end: noon - 30 },
    { name: 'is that of the participant', own: 0, participant: noon - 5, end: noon - 5 },
    { name: 'is that of the participant, even at once', own: 0, participant: noon - 60, end: noon - 60 },
    { name: 'is unknown when the participant came back', own: 0, participant: noon - 90, end: 0 },
  ])('the end of a connection $name', ({ own, participant, end }) => {
    const sessions = [{ joinedAt: iso(noon - 60), leftAt: own && iso(own) }];
    const { details } = decode({ participants: [{ leftAt: iso(participant), sessions }] });
    expect(details.participants[0]?.connections).toMatchObject([{ leftAt: end }]);
  });

  it('a connection that cannot be read: the participant left when it says', () => {
    const sessions = [{ joinedAt: iso(noon - 60), leftAt: iso(noon - 50) }, 'PA_2'];
    const { details } = decode({ participants: [{ leftAt: iso(noon - 5), sessions }] });
    expect(details.participants).toMatchObject([{ leftAt: noon - 5, connections: [{ leftAt: noon - 50 }] }]);
  });

  it('the end of the last connection, which is that of the participant', () => {
    const sessions = [{ joinedAt: iso(noon - 50) }, { joinedAt: iso(noon - 90), leftAt: iso(noon - 80) }];
    const { details } = decode({ participants: [{ leftAt: iso(noon - 5), sessions }] });
    expect(details.participants).toMatchObject([
      { joinedAt: noon - 90, leftAt: noon - 5, connections: [{ leftAt: noon - 80 }, { leftAt: noon - 5 }] },
    ]);
  });
});

describe('what comes twice is one', () => {
  const sessions = [{ sessionId: 'PA_1', joinedAt: iso(noon - 60) }];
  const ended = [{ sessionId: 'PA_1', joinedAt: iso(noon - 60), leftAt: iso(noon - 10) }];

  it.each([
    { name: 'a connection', people: [{ sessions: [...sessions, ...ended] }] },
    { name: 'a connection whose end came first', people: [{ sessions: [...ended, ...sessions] }] },
    {
      name: 'a participant',
      people: [
        { participantIdentity: 'a', sessions },
        { participantIdentity: 'a', sessions: ended },
      ],
    },
    { name: 'a participant without an identity', people: [{ sessions }, { sessions: ended }] },
  ])('$name, and its end is known when one of the two knows it', ({ people }) => {
    expect(decode({ participants: people }).details.participants).toMatchObject([
      { connections: [{ joinedAt: noon - 60, leftAt: noon - 10 }] },
    ]);
  });

  it.each([
    { name: 'that came back', later: { joinedAt: noon - 30, leftAt: 0 }, leftAt: 0 },
    { name: 'that came back and left', later: { joinedAt: noon - 30, leftAt: noon - 5 }, leftAt: noon - 5 },
  ])('a participant $name, whichever of its stays is listed first', ({ later, leftAt }) => {
    const stays = [later, { joinedAt: noon - 60, leftAt: noon - 50 }].map((stay) => ({
      participantIdentity: 'a',
      sessions: [
        {
          sessionId: `PA_${stay.joinedAt}`,
          joinedAt: iso(stay.joinedAt),
          leftAt: stay.leftAt && iso(stay.leftAt),
        },
      ],
    }));
    for (const people of [stays, stays.toReversed()])
      expect(decode({ participants: people }).details.participants).toMatchObject([
        { joinedAt: noon - 60, leftAt, connections: [{ leftAt: noon - 50 }, later] },
      ]);
  });

  it('but not two participants that joined at the same moment', () => {
    const people = ['a', 'b'].map((participantIdentity) => ({
      participantIdentity,
      joinedAt: iso(noon - 60),
    }));
    expect(decode({ participants: people }).details.participants).toHaveLength(2);
    expect(
      decode({ participants: people.map(({ joinedAt }) => ({ joinedAt })) }).details.participants,
    ).toHaveLength(2);
  });
});

it('tells participants without an identity apart where all connections have the id of the session', () => {
  const people = [0, 1].map(() => ({
    roomId: 'RM_1',
    sessions: [{ sessionId: 'RM_1', joinedAt: iso(noon - 60), leftAt: iso(noon) }],
  }));
  expect(decode({ roomId: 'RM_1', participants: people }).details.participants).toHaveLength(2);
});

it('takes the id and the kind of a connection from where newer answers have them', () => {
  const sessions = [
    {
      participantSessionId: 'PA_1',
      joinedAt: iso(noon - 60),
      region: 'us',
      connectionType: 'TCP',
      sdkVersion: 'x',
    },
    { participantSessionId: 'PA_2', joinedAt: iso(noon - 60), region: '' },
    { participantId: 'PA_3', joinedAt: iso(noon - 60), region: 'r'.repeat(256) },
    { participant_id: 'PA_4', joinedAt: iso(noon - 60), region: 'r'.repeat(257) },
  ];
  const { details } = decode({ participants: [{ region: 'eu', sdk_version: 'y', sessions }] });
  expect(details.participants[0]?.connections).toMatchObject([
    { region: 'us', connectionType: 'tcp', sdk: 'x' },
    { region: 'eu', connectionType: undefined, sdk: 'y' },
    { region: 'r'.repeat(256) },
    { region: 'eu' },
  ]);
});

it('tells what a participant publishes', () => {
  const joinedAt = iso(noon - 60);
  const publishedSources = [
    { screenShareTrack: true, screenShareAudio: true, cameraTrack: false, microphoneTrack: false },
    { screenShareTrack: 'false', screenShareAudio: 0, cameraTrack: 'true', microphoneTrack: 1 },
  ];
  const { details } = decode({
    participants: publishedSources.map((sources) => ({ joinedAt, publishedSources: sources })),
  });
  expect(details.participants).toMatchObject([
    { sources: ['screen_share', 'screen_share_audio'] },
    { sources: ['camera', 'microphone'] },
  ]);
});

it.each<{ name: string; participant: unknown; reason: string }>([
  { name: 'that is no object', participant: 'Ada', reason: 'not_an_object' },
  { name: 'without any time', participant: { participantIdentity: 'a' }, reason: 'invalid_timestamp' },
  { name: 'with a time that is none', participant: { joinedAt: 'soon' }, reason: 'invalid_timestamp' },
  { name: 'from next week', participant: { joinedAt: iso(noon + 604_800) }, reason: 'future_timestamp' },
  {
    name: 'whose end is no time',
    participant: { joinedAt: iso(noon), leftAt: [] },
    reason: 'invalid_timestamp',
  },
])('leaves out a participant $name, and no other', ({ participant, reason }) => {
  const { details, rejected } = decode({ participants: [participant, { joinedAt: iso(noon - 1) }] });
  expect(rejected).toEqual([reason]);
  expect(details).toMatchObject({ unusable: 1, participants: [{ joinedAt: noon - 1 }] });
});

it('leaves out a connection without a time, and no other', () => {
  const sessions = [
    { sessionId: 'a' },
    { joinedAt: 'soon' },
    null,
    { joinedAt: iso(noon - 9) },
    { joinedAt: iso(noon), leftAt: 'x' },
  ];
  const { details, rejected } = decode({ participants: [{ joinedAt: iso(noon - 9), sessions }] });
  expect(rejected).toEqual(['invalid_timestamp', 'invalid_timestamp', 'not_an_object', 'invalid_timestamp']);
  expect(details.participants).toMatchObject([{ connections: [{ joinedAt: noon - 9 }] }]);
});

it('takes times up to a day ahead: clocks differ', () => {
  const tomorrow = noon + 86_400;
  const participants = [{ joinedAt: iso(noon), leftAt: iso(tomorrow) }];
  expect(decode({ participants, endTime: iso(tomorrow) }).details).toMatchObject({
    endedAt: tomorrow,
    participants: [{ leftAt: tomorrow }],
  });
});

it.each<{ name: string; body: unknown }>([
  { name: 'a list', body: [] },
  { name: 'nothing', body: null },
  { name: 'a text', body: 'RM_1' },
  { name: 'an object of something else', body: { error: 'ada@example.org' } },
  { name: 'an object without anything of a session', body: { name: 'Ada' } },
  {
    name: 'an error beside no participants',
    body: { roomId: 'RM_1', participants: null, error: 'ada@example.org' },
  },
  { name: 'participants that are no list', body: { participants: 'Ada' } },
  { name: 'an end in the far future', body: { participants: [], endTime: iso(noon + 604_800) } },
  { name: 'an end that is no time', body: { participants: [], endTime: 'Ada' } },
  { name: 'a bandwidth that is no number', body: { participants: [], bandwidth: 'Ada' } },
  { name: 'a negative bandwidth', body: { participants: [], bandwidth: -1 } },
])('refuses $name, and quotes nothing of it', ({ body }) => {
  const refused = () => decode(body);
  expect(refused).toThrow(SourceError);
  expect(refused).toThrow(expect.objectContaining({ reason: 'schema' }));
  expect(refused).not.toThrow(/Ada|ada@/);
});

it('takes keys of the prototype for what they are: none', () => {
  const body = JSON.parse(
    '{"roomId":"RM_1","participants":[{"__proto__":{"joinedAt":1},"participantIdentity":"constructor"}]}',
  ) as unknown;
  expect(decode(body).rejected).toEqual(['invalid_timestamp']);
});

it('lets go of nothing by which somebody could be known', () => {
  const everything = JSON.stringify(decode(documented));
  for (const personal of ['ada@example.org', 'Ada', 'PA_1', 'Berlin'])
    expect(everything).not.toContain(personal);
});

it('can be interrupted in an answer of ten thousand', () => {
  const people = Array.from({ length: 10_000 }, (_, index) => ({
    participantIdentity: String(index),
    joinedAt: iso(noon),
  }));
  const steps = decodeDetails({ participants: people }, noon);
  let interruptions = 0;
  for (let step = steps.next(); !step.done; step = steps.next()) interruptions += 1;
  // Twice: while they are read, and while they are put together.
  expect(interruptions).toBeGreaterThan(600);
  expect(interruptions).toBeLessThan(700);
});
