// What a restart and scrapes together make of new rooms.
import { expect, it } from 'vitest';
import { Ledger } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { complete, noon, sessionRow, listedPart } from '../core/session-rows.ts';
import { added } from './added.ts';

it('shows where a room began that was new when the program was killed', async () => {
  const labelRoom = roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] });
  const rules = { window: 7 * 86_400, rooms: { limit: 100, linger: 600 }, details: false, labelRoom };
  const killed = new Ledger(rules, noon);
  const poll = (now: number, ...rows: SessionRow[]) => {
    complete(killed.advance(listedPart(now, [rows]), now));
  };
  poll(noon);
  poll(noon + 30, sessionRow({ sessionId: 'a', roomName: 'a', createdAt: noon + 5 }));
  const state = complete(killed.state()); // kept; killed before any scrape

  const restarted = new Ledger(rules, noon);
  complete(restarted.restore(state as LedgerState));
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  await added(exposition, 'p', restarted.initialSnapshot());
  const { body } = await exposition.metrics({ format: 'text', encoding: 'identity' });
  expect(body.toString()).toContain('livekit_cloud_room_sessions_started_total{project="p",room="a"} 0');
});
