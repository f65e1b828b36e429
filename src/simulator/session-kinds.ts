// The load of a project: the kinds of sessions that it has, and how busy each hour of the week is.
import { logUniformMean, type Random } from './random.ts';

export interface SessionKind {
  /** Of all sessions that start, how many are of this kind, relative to the others. */
  readonly weight: number;
  /** Shortest and longest, log-uniform between. */
  readonly minutes: readonly [number, number];
  /** Fewest and most people over the session's life, log-uniform between. */
  readonly people: readonly [number, number];
  /** At most so many people send; the others only watch. */
  readonly senders: number;
  /** How likely a sender has a camera on; the others only speak. */
  readonly camera: number;
  readonly egress: number;
  /** `copies`: how many rooms there are of each recurring name, so that larger projects have more rooms, not fuller ones. */
  readonly name: (random: Random, copies: number) => string;
}

const lowercase = 'abcdefghijklmnopqrstuvwxyz0123456789';
const teams = ['backend', 'frontend', 'mobile', 'design', 'sales', 'support', 'platform', 'data'];
const meetings = ['standup', 'retro', 'planning', 'sync', 'review', 'interview', 'demo', 'workshop'];
/** School years, so that two classes are seldom in the same room at the same time. */
const years = [5, 6, 7, 8, 9, 10] as const;
const courses = ['algebra', 'biology', 'chemistry', 'french', 'history', 'painting', 'physics', 'yoga'];

/** Names that show where escaping, quoting or counting of code points is missing. */
export const awkwardNames = [
  'Überblick "Q3"',
  'C:\\rooms\\board',
  'two\nlines',
  '会議室 1',
  '🎉 launch party',
  'a{b="c"} 1',
  ' space on both sides ',
  '__proto__',
] as const;

type NameRoom = SessionKind['name'];

const numbered = (name: string, random: Random, copies: number): string => {
  const number = random.whole(1, copies);
  return number === 1 ? name : `${name}-${number}`;
};
const callName: NameRoom = (random) => `call-${random.text(8, lowercase)}`;
const agentName: NameRoom = (random) => `voice-agent-${random.text(6, lowercase)}`;
const teamName: NameRoom = (random, copies) => {
  const isAwkward = random.chance(0.05);
  const name = isAwkward ? random.pick(awkwardNames) : `${random.pick(meetings)}-${random.pick(teams)}`;
  return numbered(name, random, copies);
};
const className: NameRoom = (random, copies) =>
  numbered(`class-${random.pick(courses)}-${String(random.pick(years))}`, random, copies);
const webinarName: NameRoom = (random) => `webinar-${random.text(4, lowercase)}`;
const monitorName: NameRoom = (random, copies) => numbered('night-watch', random, copies * 4);
const lobbyName: NameRoom = (random, copies) => numbered('lobby', random, copies * 4);

export const sessionKinds: readonly SessionKind[] = [
  { weight: 480, minutes: [1, 45], people: [2, 2], senders: 2, camera: 0.8, egress: 0.05, name: callName },
  { weight: 200, minutes: [1, 12], people: [2, 2], senders: 2, camera: 0, egress: 0.3, name: agentName },
  { weight: 260, minutes: [8, 75], people: [3, 10], senders: 10, camera: 0.7, egress: 0.1, name: teamName },
  { weight: 50, minutes: [40, 100], people: [10, 35], senders: 8, camera: 0.5, egress: 0.5, name: className },
  { weight: 3, minutes: [45, 120], people: [60, 300], senders: 4, camera: 1, egress: 0.9, name: webinarName },
  // over night, 7 to 14 hours
  { weight: 4, minutes: [420, 840], people: [2, 4], senders: 2, camera: 1, egress: 0.5, name: monitorName },
  // for days, 30 to 96 hours
  { weight: 0.5, minutes: [1800, 5760], people: [3, 40], senders: 3, camera: 1, egress: 0, name: lobbyName },
];

const weightedSeconds = sessionKinds.reduce(
  (sum, { weight, minutes }) => sum + weight * logUniformMean(...minutes) * 60,
  0,
);

/** How many sessions of a kind start in a second, when so many of all kinds run at a time. */
export function startRate({ weight }: SessionKind, activeRooms: number): number {
  return (activeRooms * weight) / weightedSeconds;
}

/** Sessions started in each hour of a day, relative to the others: people at work, a few in the evening. */
const byHour = [3, 2, 2, 2, 2, 3, 4, 7, 10, 12, 13, 12, 10, 12, 13, 12, 11, 9, 7, 7, 7, 6, 5, 4];

/** By weekday, Sunday first. */
const byWeekday = [4, 10, 11, 11, 11, 9, 5];

const mean = average(byHour) * average(byWeekday);

/** The busiest hour of the week, relative to the mean of the week. */
export const busiest = (Math.max(...byHour) * Math.max(...byWeekday)) / mean;

/** Relative to the mean of the week. */
export function loadAt(unixSeconds: number): number {
  const time = new Date(unixSeconds * 1000);
  return ((byHour[time.getUTCHours()] ?? 0) * (byWeekday[time.getUTCDay()] ?? 0)) / mean;
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
