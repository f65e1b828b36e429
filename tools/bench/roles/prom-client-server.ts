// The usual way in Node: values in prom-client's registry, rendered and compressed at each scrape.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Gauge, Registry } from 'prom-client';
import { announce, answerQuestions } from './answering.ts';

const compress = promisify(gzip);

/** The series are read from a file in the text format, whose values need no escapes. */
export function run({ seriesFile }: { readonly seriesFile: string }): void {
  const registry = new Registry();
  for (const family of readFileSync(seriesFile, 'utf8').split('# HELP ').slice(1))
    addFamily(registry, family);
  const server = createServer(async (_request, response) => {
    const body = await compress(await registry.metrics());
    response.writeHead(200, {
      'content-type': registry.contentType,
      'content-encoding': 'gzip',
      'content-length': body.length,
    });
    response.end(body);
  });
  // The benchmark comes back to a connection after minutes.
  server.keepAliveTimeout = 3_600_000;
  server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
  answerQuestions({});
}

/** Counters are gauges here: a gauge can be set, and costs the same to render. */
function addFamily(registry: Registry, family: string): void {
  const [help = '', , ...samples] = family.trimEnd().split('\n');
  const name = help.slice(0, help.indexOf(' '));
  const labelsOf = (sample: string) => [...sample.matchAll(/(\w+)="([^"]*)"/g)];
  const labelNames = labelsOf(samples[0] ?? '').map(([, label = '']) => label);
  const gauge = new Gauge({ name, help: help.slice(name.length + 1), labelNames, registers: [registry] });
  for (const sample of samples) {
    const labels = Object.fromEntries(labelsOf(sample).map(([, label, value]) => [label, value]));
    gauge.set(labels, Number(sample.slice(sample.lastIndexOf(' '))));
  }
}
