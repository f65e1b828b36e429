// The weeks before: what the rules would have recorded of the load, added up from the lives of the sessions minute by minute,
// without polls. Reporting lags are left out.
import type { SimulatedSession } from '../../src/simulator/simulated-session.ts';
import { isNamed } from './publishing.ts';

/** Seconds between values. */
export const pastStep = 60;

export const signals = ['participants', 'bandwidth_in', 'bandwidth_out'] as const;
type Signal = (typeof signals)[number];

/** A value for each step. */
export type Course = Float64Array;

export interface Past {
  readonly load: Readonly<Record<Signal, Course>>;
  /** Of the rooms that are published one by one. */
  readonly largestRoom: Readonly<Record<Signal, Course>>;
}

export function pastOf(sessions: readonly SimulatedSession[], from: number, until: number): Past {
  const steps = Math.floor((until - from) / pastStep);
  const load = courses(steps);
  const largestRoom = courses(steps);
  const rooms = new Map<string, SimulatedSession[]>();
  for (const session of sessions) {
    if (session.startsAt >= until) break;
    const key = isNamed(session.roomName) ? session.roomName : session.id;
    const ofRoom = rooms.get(key);
    if (ofRoom) ofRoom.push(session);
    else rooms.set(key, [session]);
  }
  for (const ofRoom of rooms.values()) {
    const named = isNamed(ofRoom[0]!.roomName);
    for (const part of runsOf(ofRoom)) {
      const first = Math.max(0, Math.ceil((part[0]!.startsAt - from) / pastStep));
      const end = Math.max(...part.map(({ endsAt }) => endsAt));
      const last = Math.min(steps, Math.ceil((end - from) / pastStep));
      if (last <= first) continue;
      const own = courses(last - first + 1);
      for (const session of part) addTo(own, session, from + first * pastStep);
      for (const signal of signals) {
        let value = 0;
        for (let step = 0; step < last - first; step++) {
          value += own[signal][step]!;
          load[signal][first + step]! += value;
          if (named) largestRoom[signal][first + step] = Math.max(largestRoom[signal][first + step]!, value);
        }
      }
    }
  }
  return { load, largestRoom };
}

function courses(steps: number): Record<Signal, Course> {
  const course = (): Course => new Float64Array(steps);
  return { participants: course(), bandwidth_in: course(), bandwidth_out: course() };
}

/** Sessions of one room that overlap are looked at together. */
function runsOf(sessions: readonly SimulatedSession[]): SimulatedSession[][] {
  const runs: SimulatedSession[][] = [];
  let end = -Infinity;
  for (const session of sessions) {
    if (session.startsAt > end) runs.push([session]);
    else runs.at(-1)!.push(session);
    end = Math.max(end, session.endsAt);
  }
  return runs;
}

/** Adds the changes of a session at each step, from the step at `start` on. */
function addTo(changes: Record<Signal, Course>, session: SimulatedSession, start: number): void {
  const add = (signal: Signal, from: number, until: number, value: number): void => {
    const course = changes[signal];
    const first = Math.max(0, Math.ceil((from - start) / pastStep));
    const last = Math.max(0, Math.ceil((Math.min(until, session.endsAt) - start) / pastStep));
    if (last <= first || first >= course.length) return;
    course[first]! += value;
    if (last < course.length) course[last]! -= value;
  };
  const { participants, flows } = session.drawLife();
  for (const { connections } of participants)
    for (const { joinedAt, leftAt } of connections) add('participants', joinedAt, leftAt, 1);
  for (const { from, until, inRate, outRate } of flows) {
    add('bandwidth_in', from, until, inRate);
    add('bandwidth_out', from, until, outRate);
  }
}
