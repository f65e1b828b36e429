// One gzip scrape over a kept connection: the built program, the peer, and prom-client beside them.
import { fetchMetrics } from '../fetch-metrics.ts';
import { rooms, type Lab } from '../lab.ts';
import { atMost, milliseconds, percent, type Measurement } from '../measurement.ts';
import { ScrapeConnection } from '../scrape-connection.ts';
import { median } from '../statistics.ts';

const scrapesPerRound = 100;
const pausedScrapesPerRound = 10;
/** Longer than an answer is given again: after it each scrape is put together anew, by a process that slept. */
const pauseMilliseconds = 120;

export async function scrapeDuration(lab: Lab): Promise<Measurement> {
  const pushgateway = await lab.pushgateway();
  const { port } = await lab.idleExporter();
  const bareServer = await lab.startBareServer(lab.write('scrape.gz', await fetchMetrics(port, 'gzip')));
  const promClientServer = await lab.startRole('prom-client-server', { seriesFile: await lab.seriesFile() });
  const ours = new ScrapeConnection(port);
  const bare = new ScrapeConnection(bareServer.port);
  const promClient = new ScrapeConnection(promClientServer.port);
  await promClient.scrape();
  const durations = { ours: [], oursPaused: [], bare: [], barePaused: [], promClient: [] } as Record<
    'ours' | 'oursPaused' | 'bare' | 'barePaused' | 'promClient',
    number[]
  >;

  return {
    rounds: 8,
    round: async () => {
      await pushgateway.scrape();
      for (let scrape = 0; scrape < scrapesPerRound; scrape++) durations.ours.push(await ours.scrape());
      for (let scrape = 0; scrape < scrapesPerRound; scrape++) durations.bare.push(await bare.scrape());
      for (let scrape = 0; scrape < pausedScrapesPerRound; scrape++) {
        durations.oursPaused.push(await scrapeAfterPause(ours));
        durations.barePaused.push(await scrapeAfterPause(bare));
      }
      durations.promClient.push(await promClient.scrape());
    },
    lines: () => {
      const beside = `pushgateway ${milliseconds(pushgateway.p50)}`;
      const share = (of: keyof typeof durations) => median(durations[of]) / pushgateway.p50;
      const comparison = (what: string, of: keyof typeof durations) => ({
        what: `  ${what}`,
        ours: milliseconds(median(durations[of])),
        beside,
        comparison: percent(share(of)),
      });
      return [
        {
          ...comparison('', 'ours'),
          what: `gzip scrape of ${rooms} rooms, p50`,
          ...atMost(share('ours'), 0.004, percent),
        },
        comparison('bare node:http, the same bytes', 'bare'),
        comparison(`each after a pause of ${pauseMilliseconds} ms`, 'oursPaused'),
        comparison('bare node:http after a pause', 'barePaused'),
        comparison('prom-client, rendering at each scrape', 'promClient'),
      ];
    },
  };
}

async function scrapeAfterPause(connection: ScrapeConnection): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  return connection.scrape();
}
