// The names customers give their rooms: some come back every day, some are made for one call, a few are hard
// to print.
import type { Random } from './random.ts';

const lowercase = 'abcdefghijklmnopqrstuvwxyz0123456789';
const teams = ['backend', 'frontend', 'mobile', 'design', 'sales', 'support', 'platform', 'data'];
const meetings = ['standup', 'retro', 'planning', 'sync', 'review', 'interview', 'demo', 'workshop'];
/** School years, so that two classes are seldom in the same room at the same time. */
const years = [5, 6, 7, 8, 9, 10] as const;
const courses = ['algebra', 'biology', 'chemistry', 'french', 'history', 'painting', 'physics', 'yoga'];

/** Names that break whoever forgets to escape, to quote or to count code points. */
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

/** @param copies How many of each name there are, so that larger projects have more rooms, not fuller ones. */
export type NameRoom = (random: Random, copies: number) => string;

export function callName(random: Random): string {
  return `call-${random.text(8, lowercase)}`;
}

export function agentName(random: Random): string {
  return `voice-agent-${random.text(6, lowercase)}`;
}

export function meetingName(random: Random, copies: number): string {
  if (random.chance(0.05)) return numbered(random.pick(awkwardNames), random, copies);
  return numbered(`${random.pick(meetings)}-${random.pick(teams)}`, random, copies);
}

export function className(random: Random, copies: number): string {
  return numbered(`class-${random.pick(courses)}-${String(random.pick(years))}`, random, copies);
}

export function webinarName(random: Random): string {
  return `webinar-${random.text(4, lowercase)}`;
}

export function monitorName(random: Random, copies: number): string {
  return numbered('night-watch', random, copies * 4);
}

export function lobbyName(random: Random, copies: number): string {
  return numbered('lobby', random, copies * 4);
}

function numbered(name: string, random: Random, copies: number): string {
  const number = random.whole(1, copies);
  return number === 1 ? name : `${name}-${number}`;
}
