// Processor time of understanding and counting the pages of a large listing, against JSON.parse alone.
import { decodePage } from '../../../src/livekit/wire/session-row-decoder.ts';
import { Ledger } from '../../../src/core/ledger.ts';
import type { ReadPage } from '../../../src/core/session-source.ts';
import { roomLabels } from '../../../src/core/room-labels.ts';
import { runInSlices } from '../../../src/lib/slices.ts';
import { ledgerRules } from '../exporter-parts.ts';
import { atMost, milliseconds, type Measurement } from '../measurement.ts';
import { median } from '../statistics.ts';
import { listingTexts, weekWorld } from '../world.ts';

const publishedRooms = 500;

export async function listingCost(): Promise<Measurement> {
  const world = weekWorld();
  const listings = ['first', 'second'].map((name, listing) => ({
    name,
    texts: listingTexts(world, listing),
    counting: [] as number[],
    parsing: [] as number[],
  }));

  return {
    rounds: 8,
    round: async () => {
      const rules = ledgerRules(publishedRooms);
      const ledger = new Ledger(
        { ...rules, details: false, labelRoom: roomLabels(rules) },
        Date.now() / 1000,
      );
      for (const { texts, counting, parsing } of listings) {
        counting.push(await cpuMilliseconds(() => count(texts, ledger)));
        parsing.push(await cpuMilliseconds(() => texts.forEach((text) => JSON.parse(text))));
      }
    },
    lines: () =>
      listings.map(({ name, texts, counting, parsing }) => ({
        what: `processor time, ${name} listing of ${world.sessions} sessions, ${texts.length} pages`,
        ours: milliseconds(median(counting)),
        beside: `JSON.parse ${milliseconds(median(parsing))}`,
        ...atMost(median(counting) / median(parsing), 4),
      })),
  };
}

async function count(texts: readonly string[], ledger: Ledger): Promise<void> {
  const now = Date.now() / 1000;
  const pages: ReadPage[] = [];
  for (const text of texts)
    pages.push({ ...(await runInSlices(decodePage(JSON.parse(text), now, []))), readAt: now, time: now });
  const part = { startedAt: now, coveredFrom: Infinity, listedFrom: Infinity, pages };
  await runInSlices(ledger.advance(part, now));
}

async function cpuMilliseconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
