// The exporter without its API client: takes new values of all rooms when it is told to, and serves /metrics.
import type { ReadPage } from '../../../src/core/session-source.ts';
import { runInSlices } from '../../../src/lib/slices.ts';
import { Exposition } from '../../../src/exposition/exposition.ts';
import { SelfMetrics } from '../../../src/exposition/self-metrics.ts';
import { build, createLedger, decodePages, projectName, serveMetrics } from '../exporter-parts.ts';
import { listingTexts, type World } from '../world.ts';
import { announce, answerQuestions } from './answering.ts';

/** Answers to `prepare` once new values are there, to `publish` once they are counted, rendered and compressed. */
export async function run({ world }: { readonly world: World }): Promise<void> {
  const ledger = createLedger(world.rooms);
  const exposition = new Exposition(new SelfMetrics(build, () => Date.now() / 1000), () => performance.now());
  const published = await exposition.openProject(projectName, ledger.initialSnapshot());
  published.add();
  let listing = 0;
  let pages: ReadPage[] = [];
  let startedAt = world.startedAt;
  answerQuestions({
    prepare: async () => {
      const now = Date.now() / 1000;
      startedAt = now;
      const texts = listingTexts(world, listing);
      // Half of the rooms come later: where none ever does, V8 is not done with optimizing what can make one.
      const listed = listing === 0 ? texts.slice(texts.length / 2) : texts;
      listing += 1;
      pages = await decodePages(listed, now);
      // What making the values has left behind is no part of the cycle.
      globalThis.gc?.();
    },
    publish: async () => {
      const part = { startedAt, coveredFrom: Infinity, listedFrom: Infinity, pages };
      await published.publish(await runInSlices(ledger.advance(part, Date.now() / 1000)));
    },
  });
  announce(await serveMetrics(exposition));
}
