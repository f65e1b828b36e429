// Bytes of a gzip scrape, against what Go's client library sends for the same series.
import { gzipSync } from 'node:zlib';
import { fetchMetrics } from '../fetch-metrics.ts';
import type { Lab } from '../lab.ts';
import { atMost, factor, megabytes, type Measurement } from '../measurement.ts';

export async function answerSize(lab: Lab): Promise<Measurement> {
  const { process: pushgateway } = await lab.pushgateway();
  const exporter = await lab.idleExporter();
  const bytes = { ours: 0, pushgateway: 0, bestGzip: 0 };

  return {
    rounds: 1,
    round: async () => {
      bytes.ours = (await fetchMetrics(exporter.port, 'gzip')).length;
      bytes.pushgateway = (await fetchMetrics(pushgateway.port, 'gzip')).length;
      bytes.bestGzip = gzipSync(await fetchMetrics(exporter.port, 'identity')).length;
    },
    lines: () => [
      {
        what: 'bytes of a gzip scrape',
        ours: megabytes(bytes.ours / 1e6),
        beside: `pushgateway ${megabytes(bytes.pushgateway / 1e6)}`,
        ...atMost(bytes.ours / bytes.pushgateway, 1.15),
      },
      {
        what: '  against our text in one gzip of level 6',
        ours: megabytes(bytes.ours / 1e6),
        beside: `gzip ${megabytes(bytes.bestGzip / 1e6)}`,
        comparison: factor(bytes.ours / bytes.bestGzip),
      },
    ],
  };
}
