import { expect, it } from 'vitest';
import { projectStatus } from '../../src/exporter/project-status.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import { statusBeforeFirstPoll } from '../../src/poll/poll-status.ts';
import { complete, noon, sessionRow, listedPart } from '../core/session-rows.ts';

const usage = { lastPollRequests: undefined, lastMinuteRequests: 0, lastMinuteWaitSeconds: 0 };
const budget = { requestsPerMinute: 100, ...usage };
const beside = { budget, droppedDetails: undefined };

it('has no numbers before the first poll', () => {
  expect(projectStatus('p', statusBeforeFirstPoll, beside)).toMatchObject({
    active: undefined,
    busiestRooms: [],
  });
});

it('shows the ten busiest published rooms, busiest first, without __other__', () => {
  const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] });
  const ledger = new Ledger(
    { window: 86_400, rooms: { limit: 12, linger: 600 }, details: false, labelRoom },
    0,
  );
  const rows = Array.from({ length: 14 }, (_, index) => {
    const name = `room ${String(index + 1)}`;
    return sessionRow({
      sessionId: name,
      roomName: name,
      activeParticipants: index + 1,
      bandwidthIn: index + 1,
    });
  });
  const snapshot = complete(ledger.advance(listedPart(noon, [rows]), noon));
  const { active, busiestRooms } = projectStatus('p', { ...statusBeforeFirstPoll, snapshot }, beside);
  expect(active).toEqual({ rooms: 14, sessions: 14, participants: 105, egresses: 0 });
  expect(busiestRooms).toHaveLength(10);
  expect(busiestRooms.slice(0, 2)).toEqual([
    { name: 'room 14', sessions: 1, participants: 14, bandwidthIn: 14, bandwidthOut: 0 },
    { name: 'room 13', sessions: 1, participants: 13, bandwidthIn: 13, bandwidthOut: 0 },
  ]);
});

it('says of session details what waits and what was given up, where they are read', () => {
  expect(projectStatus('p', statusBeforeFirstPoll, beside).details).toBeUndefined();
  const droppedDetails = new Map([['budget', 3]]);
  expect(projectStatus('p', statusBeforeFirstPoll, { budget, droppedDetails }).details).toEqual({
    isRead: false,
    oldestReading: undefined,
    waiting: 0,
    dropped: [{ reason: 'budget', sessions: 3 }],
  });

  const rules = { window: 86_400, rooms: { limit: 10, linger: 0 }, details: true };
  const labelRoom = (name: string) => ({ name, publishable: true });
  const ledger = new Ledger({ ...rules, labelRoom }, noon);
  const part = listedPart(noon, [[sessionRow({ sessionId: 'RM_1' })]]);
  const snapshot = complete(ledger.advance(part, noon));
  const status = projectStatus('p', { ...statusBeforeFirstPoll, snapshot }, { budget, droppedDetails });
  expect(status.details).toMatchObject({ isRead: true, oldestReading: noon, waiting: 1 });
});
