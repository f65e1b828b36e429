// Reads the pages of a large list and counts them, twice, in a process that has just started, as an exporter does: of the
// first listing V8 has compiled nothing yet.
import type { Ledger } from '../../../src/core/ledger.ts';
import { runInSlices } from '../../../src/lib/slices.ts';
import { createLedger, decodePages } from '../exporter-parts.ts';
import { listingTexts, type World } from '../world.ts';
import { announce, answerQuestions } from './answering.ts';

const publishedRooms = 500;

/** Processor time in milliseconds. */
export interface ListingCost {
  readonly counting: number;
  /** Of `JSON.parse` alone. */
  readonly parsing: number;
}

/** Answers to `listing` with what the first one, then the next one costs. */
export function run({ world }: { readonly world: World }): void {
  const ledger = createLedger(publishedRooms);
  let listing = 0;
  answerQuestions({
    listing: async (): Promise<ListingCost> => {
      const texts = listingTexts(world, listing++);
      const counting = await cpuMilliseconds(() => count(texts, ledger));
      return { counting, parsing: await cpuMilliseconds(() => texts.forEach((text) => JSON.parse(text))) };
    },
  });
  // It is asked by its parent, not over the network.
  announce(1);
}

async function count(texts: readonly string[], ledger: Ledger): Promise<void> {
  const now = Date.now() / 1000;
  const pages = await decodePages(texts, now);
  const part = { startedAt: now, coveredFrom: Infinity, listedFrom: Infinity, pages };
  await runInSlices(ledger.advance(part, now));
}

async function cpuMilliseconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
