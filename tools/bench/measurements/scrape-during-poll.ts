// Scrapes while a poll is being read, counted, rendered and compressed.
import { rooms, type Lab } from '../lab.ts';
import { atMost, milliseconds, percent, type Measurement } from '../measurement.ts';
import { ScrapeConnection } from '../scrape-connection.ts';
import { median, quantile } from '../statistics.ts';

const pollsPerRound = 3;

export async function scrapeDuringPoll(lab: Lab): Promise<Measurement> {
  const pushgateway = await lab.pushgateway();
  const exporter = await lab.startPolledExporter(rooms);
  const connection = new ScrapeConnection(exporter.port);
  await exporter.ask('poll');
  const durations: number[] = [];

  return {
    rounds: 8,
    round: async () => {
      await pushgateway.scrape();
      for (let poll = 0; poll < pollsPerRound; poll++) {
        let polling = true;
        const polled = exporter.ask('poll').finally(() => (polling = false));
        const scraped = (async () => {
          while (polling) durations.push(await connection.scrape());
        })();
        await Promise.all([polled, scraped]);
      }
    },
    lines: () => [
      {
        what: `scrape during a poll, p99 of ${durations.length}`,
        ours: milliseconds(quantile(durations, 0.99)),
        beside: `pushgateway, idle, p50 ${milliseconds(pushgateway.p50)}`,
        ...atMost(quantile(durations, 0.99) / pushgateway.p50, 0.1, percent),
      },
      {
        what: '  p50',
        ours: milliseconds(median(durations)),
        beside: '',
        comparison: percent(median(durations) / pushgateway.p50),
      },
    ],
  };
}
