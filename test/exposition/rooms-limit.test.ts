// What rooms.limit and scrapes together make of rooms that come and go: nothing may be lost to those who count.
import { expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { complete, noon, sessionRow, listedPart } from '../core/session-rows.ts';
import { added } from './added.ts';

it('a room keeps its place beyond rooms.limit until its values were scraped', async () => {
  const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] });
  const ledger = new Ledger(
    { window: 7 * 86_400, rooms: { limit: 1, linger: 600 }, details: false, labelRoom },
    noon,
  );
  let now = noon;
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => now * 1000);
  const project = await added(exposition, 'p', ledger.initialSnapshot());
  const scraper = { address: 'x', agent: 'prometheus', connection: { destroyed: false } };
  const seen: Record<string, number> = {};
  const scrape = async () => {
    const { body, receivedBy } = await exposition.metrics({ format: 'text', encoding: 'identity' });
    for (const [, room = '', value] of body
      .toString()
      .matchAll(/room_sessions_started_total\{project="p",room="(.*)"\} (\d+)/g))
      seen[room] = Number(value);
    await receivedBy(scraper);
  };
  const poll = async (...rows: SessionRow[]) => {
    const part = listedPart(now, [rows]);
    await project.publish(complete(ledger.advance(part, now, { seen: project })));
  };
  await poll();
  await scrape();
  now += 15;
  await scrape();
  now += 15;
  const a = sessionRow({
    sessionId: 'a',
    roomName: 'a',
    createdAt: noon + 5,
    endedAt: noon + 20,
    activeParticipants: 0,
  });
  await poll(a); // a brief session: the room is shown at 0 first
  await scrape();
  now += 30; // one scrape a poll
  const b = sessionRow({ sessionId: 'b', roomName: 'b', createdAt: noon + 40 });
  await poll(a, b);
  for (let i = 0; i < 3; i++) {
    await scrape();
    now += 15;
  }
  expect(Object.values(seen).reduce((x, y) => x + y)).toBe(2);
});
