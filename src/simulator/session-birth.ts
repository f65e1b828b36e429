// Draws the sessions of the random load: when they start, the outline of each at once, its life when it is needed. All follows
// from the words (seed, kind, ordinal), so the order of drawing changes nothing. Knows no clock.
import { Random } from './random.ts';
import { busiest, loadAt, type SessionKind } from './session-kinds.ts';
import {
  type Connection,
  type Flow,
  type Participant,
  type ParticipantKind,
  type SessionLife,
  SimulatedSession,
} from './simulated-session.ts';

export interface SessionSeed {
  readonly kind: SessionKind;
  readonly words: readonly [seed: number, kind: number, ordinal: number];
  /** Unix seconds. */
  readonly startsAt: number;
  /** Seconds of load that pass in one second of the clock. */
  readonly speed: number;
  readonly copies: number;
}

export interface ArrivalsOptions extends Pick<SessionSeed, 'kind' | 'speed' | 'copies'> {
  readonly seed: number;
  /** Tells the kinds of one project apart. */
  readonly kindIndex: number;
  /** Sessions of the kind that start in a second of load, in the mean of a week. */
  readonly rate: number;
  /** Unix seconds at which load time and the clock agree. */
  readonly origin: number;
  /** Seconds of load before the origin from which sessions start. */
  readonly warmUp: number;
}

/** The sessions of one kind: a Poisson process that follows the hour of the day and the weekday. */
export function* arrivals(options: ArrivalsOptions): Generator<SimulatedSession, never> {
  const { seed, kind, kindIndex, rate, origin, warmUp, speed, copies } = options;
  const random = new Random(seed, kindIndex, 0xa441fa15);
  let ordinal = 0;
  for (let load = -warmUp; ;) {
    load += random.exponential(1 / (rate * busiest));
    // Thinning: candidates arrive as often as in the busiest hour, quieter hours take fewer of them.
    if (!random.chance(loadAt(origin + load) / busiest)) continue;
    const startsAt = toMilliseconds(origin + load / speed);
    yield drawSession({ kind, words: [seed, kindIndex, ordinal++], startsAt, speed, copies });
  }
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function drawSession(seed: SessionSeed): SimulatedSession {
  const { kind, words, startsAt, speed } = seed;
  const random = new Random(...words, 0);
  const id = `RM_${random.text(12, base62)}`;
  const seconds = (random.logUniform(...kind.minutes) * 60) / speed;
  const endsAt = Math.max(startsAt + 0.001, toMilliseconds(startsAt + seconds));
  const within = (least: number, most: number) =>
    toMilliseconds(startsAt + (endsAt - startsAt) * random.between(least, most));
  const egress = random.chance(kind.egress) ? { from: within(0.05, 0.3), until: within(0.6, 1) } : undefined;
  return new SimulatedSession({
    id,
    roomName: kind.name(random, seed.copies),
    startsAt,
    endsAt,
    reportingLag: random.between(30, 120) / speed,
    egress,
    drawLife: () => drawLife(seed, endsAt),
  });
}

const names = ['Ada', 'Bela', 'Chloé', 'Dmitri', 'Emeka', 'Fatima', 'Günter', 'Hana', 'Íris', 'Jun', 'Kofi'];

/** What people send, bytes per second. */
const voiceRate = 4_000;
const cameraRate = 110_000;
const screenRate = 60_000;

/** A client shows at most so many others at full size. */
const visible = 9;

function drawLife({ kind, words, startsAt, speed }: SessionSeed, endsAt: number): SessionLife {
  const random = new Random(...words, 1);
  // Of its own, so that what else is drawn stays as it was.
  const kinds = new Random(...words, 2);
  const people = Math.round(random.logUniform(...kind.people));
  const senders = Math.min(people, kind.senders);
  // The room is created a moment before the first one joins and closed a while after the last one left.
  const opensAt = Math.min(startsAt + random.between(0, 2) / speed, endsAt);
  const emptiesAt = Math.max(opensAt, endsAt - random.between(0, 20) / speed);
  const screen = people > 2 && random.chance(0.4) ? random.whole(0, senders - 1) : -1;

  const participants: Participant[] = [];
  const sendRates: number[] = [];
  for (let i = 0; i < people; i++) {
    const sends = i < senders;
    const camera = sends && random.chance(kind.camera);
    const shares = i === screen;
    participants.push({
      identity: `user-${i + 1}`,
      name: random.pick(names),
      kind: drawKind(kinds),
      sources: {
        cameraTrack: camera,
        microphoneTrack: sends,
        screenShareTrack: shares,
        screenShareAudio: shares && random.chance(0.3),
      },
      connections: drawConnections(random, opensAt, emptiesAt, speed, i < 2),
    });
    const rate = (sends ? voiceRate : 0) + (camera ? cameraRate : 0) + (shares ? screenRate : 0);
    sendRates.push(rate * random.logNormal(1, 0.3) * speed);
  }
  return { participants, flows: flowsOf(participants, sendRates) };
}

const places = [
  { region: 'eu-central', location: 'Frankfurt' },
  { region: 'eu-west', location: 'Dublin' },
  { region: 'us-east', location: 'Ashburn' },
  { region: 'us-west', location: 'San Jose' },
  { region: 'ap-south', location: 'Mumbai' },
] as const;

export const regions: readonly string[] = places.map(({ region }) => region);

export const connectionTypes = ['UDP', 'TCP', 'TURN'] as const;

export const sdks = [
  'client-sdk-js 2.5.1',
  'client-sdk-swift 2.0.12',
  'client-sdk-android 2.5.0',
  'agents 1.3.2',
] as const;

function drawKind(random: Random): ParticipantKind {
  const [udp, ...others] = connectionTypes;
  return {
    ...random.pick(places),
    connectionType: random.chance(0.85) ? udp : random.pick(others),
    sdkVersion: random.pick(sdks),
  };
}

function drawConnections(random: Random, from: number, until: number, speed: number, stays: boolean) {
  const joinedAt = stays ? from : from + (until - from) * Math.min(0.9, random.exponential(0.1));
  const leftAt = stays ? until : until - (until - joinedAt) * Math.min(0.9, random.exponential(0.1));
  const connections: Connection[] = [];
  let since = joinedAt;
  const connected = (till: number) =>
    void connections.push({ joinedAt: toMilliseconds(since), leftAt: toMilliseconds(till) });
  // One in twelve loses the network once, some of them again.
  while (random.chance(0.08)) {
    const lostAt = since + (leftAt - since) * random.between(0.2, 0.8);
    const backAt = lostAt + random.between(1, 15) / speed;
    if (backAt >= leftAt) break;
    connected(lostAt);
    since = backAt;
  }
  connected(leftAt);
  return connections;
}

function flowsOf(participants: readonly Participant[], sendRates: readonly number[]): Flow[] {
  const sent = sendRates.reduce((sum, rate) => sum + rate, 0);
  const senders = sendRates.filter((rate) => rate > 0).length;
  return participants.flatMap(({ connections }, i) => {
    const inRate = sendRates[i] ?? 0;
    const others = inRate > 0 ? senders - 1 : senders;
    const outRate = others > 0 ? (sent - inRate) * Math.min(1, visible / others) : 0;
    return connections.map(({ joinedAt, leftAt }) => ({ from: joinedAt, until: leftAt, inRate, outRate }));
  });
}

/** Whole milliseconds, so that a time says the same in every spelling with three digits or more. */
function toMilliseconds(unixSeconds: number): number {
  return Math.round(unixSeconds * 1000) / 1000;
}
