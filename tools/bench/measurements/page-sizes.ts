// Processor time of a poll with pages as large as pay, against the same poll with pages of 100 rows: larger pages
// save requests, and must not cost them in rows.
import { goalShape } from '../../requests/goal.ts';
import { firstPollAt } from '../../requests/load.ts';
import { fetchMetrics } from '../fetch-metrics.ts';
import type { Lab } from '../lab.ts';
import { atMost, milliseconds, type Measurement } from '../measurement.ts';
import { cpuSeconds } from '../proc.ts';
import { sum } from '../statistics.ts';

const pollsPerRound = 5;
/** Until the window is listed, pages have their size, and the code is compiled. */
const pollsToWarmUp = 30;
const publishedRooms = 500;

export async function pageSizes(lab: Lab): Promise<Measurement> {
  const chosen = await polls(lab, 'auto');
  const fixed = await polls(lab, 100);
  return {
    rounds: 8,
    round: async () => {
      await chosen.measure();
      await fixed.measure();
    },
    lines: () => [
      {
        what: 'processor time of a poll, 500 sessions open of 50,000',
        ours: `${milliseconds(chosen.milliseconds)}, pages of ${chosen.pageRows} rows`,
        beside: `${milliseconds(fixed.milliseconds)}, pages of ${fixed.pageRows} rows`,
        ...atMost(chosen.milliseconds / fixed.milliseconds, 1.5),
      },
    ],
  };
}

async function polls(lab: Lab, pageSize: number | 'auto') {
  const server = await lab.startRole('load-server', { shape: goalShape });
  const exporter = await lab.startRole('polled-exporter', {
    apiUrl: `http://127.0.0.1:${server.port}`,
    rooms: publishedRooms,
    pageSize,
    startsAt: firstPollAt,
  });
  const poll = async () => {
    await exporter.ask('poll');
    for (const side of [server, exporter]) await side.ask('interval passes');
  };
  for (let polled = 0; polled < pollsToWarmUp; polled++) await poll();
  const metrics = await fetchMetrics(exporter.port, 'identity');
  const seconds: number[] = [];
  return {
    measure: async () => {
      const before = cpuSeconds(exporter.pid);
      for (let polled = 0; polled < pollsPerRound; polled++) await poll();
      seconds.push((cpuSeconds(exporter.pid) - before) / pollsPerRound);
    },
    pageRows: /^livekit_cloud_exporter_api_page_rows\{.*\} (\d+)$/m.exec(metrics.toString())?.[1],
    get milliseconds() {
      return (sum(seconds) / seconds.length) * 1000;
    },
  };
}
