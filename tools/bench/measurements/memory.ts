// The most memory the built program takes while it polls and is scraped.
import { rooms, type Lab } from '../lab.ts';
import { factor, megabytes, type Measurement } from '../measurement.ts';
import { peakResidentMegabytes } from '../proc.ts';
import { ScrapeConnection } from '../scrape-connection.ts';
import { roomsWorld } from '../world.ts';

const limitMegabytes = 200;
const runMilliseconds = 30_000;
const scrapeEveryMilliseconds = 200;

export async function loadedMemory(lab: Lab): Promise<Measurement> {
  const pages = await lab.startRole('page-server', { world: roomsWorld(rooms) });
  let peak = 0;
  let polls = 0;

  return {
    rounds: 1,
    round: async () => {
      const exporter = await lab.startExporter(pages, ['--poll.interval=1s']);
      const connection = new ScrapeConnection(exporter.port);
      const end = performance.now() + runMilliseconds;
      while (performance.now() < end) {
        await connection.scrape();
        await new Promise((resolve) => setTimeout(resolve, scrapeEveryMilliseconds));
      }
      peak = peakResidentMegabytes(exporter.pid);
      polls = await pages.ask('listings');
      connection.close();
      await exporter.stop();
    },
    lines: () => [
      {
        what: `peak memory, ${rooms} rooms, ${polls} polls under scrapes`,
        ours: megabytes(peak),
        beside: `limit ${megabytes(limitMegabytes)}`,
        comparison: factor(peak / limitMegabytes),
        goal: { text: `< ${megabytes(limitMegabytes)}`, met: peak < limitMegabytes },
      },
    ],
  };
}
