// Processor time of understanding and counting the pages of a large listing, against JSON.parse alone.
import type { Lab } from '../lab.ts';
import { atMost, milliseconds, type Measurement } from '../measurement.ts';
import type { ListingCost } from '../roles/list-counter.ts';
import { median } from '../statistics.ts';
import { weekWorld } from '../world.ts';

export async function listingCost(lab: Lab): Promise<Measurement> {
  const world = weekWorld();
  const listings = ['first', 'second'].map((name) => ({ name, costs: [] as ListingCost[] }));

  return {
    rounds: 8,
    round: async () => {
      const counter = await lab.startRole('list-counter', { world });
      for (const { costs } of listings) costs.push(await counter.ask<ListingCost>('listing'));
      await counter.stop();
    },
    lines: () =>
      listings.map(({ name, costs }) => {
        const counting = median(costs.map((cost) => cost.counting));
        const parsing = median(costs.map((cost) => cost.parsing));
        return {
          what: `processor time, ${name} listing of ${world.sessions} sessions, ${world.sessions / world.pageSize} pages`,
          ours: milliseconds(counting),
          beside: `JSON.parse ${milliseconds(parsing)}`,
          ...atMost(counting / parsing, 4),
        };
      }),
  };
}
