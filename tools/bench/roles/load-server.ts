// Serves the session list of a load of `npm run requests` as the Analytics API would, with a clock of its own.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SessionRow } from '../../../src/core/session-row.ts';
import { LoadList } from '../../requests/load-list.ts';
import { drawSessions, firstPollAt, rowOf, type LoadShape } from '../../requests/load.ts';
import { timestamp, type WireRow } from '../world.ts';
import { announce, answerQuestions } from './answering.ts';
import { pollInterval } from './polled-exporter.ts';

export interface LoadServerOptions {
  readonly shape: LoadShape;
}

/** Sessions arrive for so long: longer than all polls take. */
const latestEndSeconds = 4 * 3600;

/** Answers to `interval passes` by moving its clock on. */
export function run({ shape }: LoadServerOptions): void {
  const time = { now: firstPollAt };
  const sessions = drawSessions(shape, firstPollAt + latestEndSeconds);
  const list = new LoadList(sessions, 'newest_first', Infinity, time);
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const rows = Number(searchParams.get('limit'));
    const first = Number(searchParams.get('page')) * rows;
    const from = Date.parse(searchParams.get('start') ?? '') / 1000;
    const page = list.rowsAt(from, first, rows);
    response.setHeader('date', new Date(time.now * 1000).toUTCString());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ sessions: page.map((session) => wireRow(rowOf(session, time.now))) }));
  });
  server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
  answerQuestions({ 'interval passes': () => (time.now += pollInterval) });
}

function wireRow(row: SessionRow): WireRow {
  const { sessionId, roomName, createdAt, lastActive, endedAt, egress, participants, activeParticipants } =
    row;
  return {
    sessionId,
    roomName,
    createdAt: timestamp(createdAt),
    lastActive: timestamp(lastActive),
    ...(endedAt > 0 ? { endedAt: timestamp(endedAt) } : {}),
    bandwidthIn: String(row.bandwidthIn),
    bandwidthOut: String(row.bandwidthOut),
    egress,
    numParticipants: participants,
    numActiveParticipants: activeParticipants ?? 0,
  };
}
