// Whether the pieces of provisioning fit together, as compose.yaml puts them together.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);

function read(file: string): string {
  return readFileSync(new URL(file, root), 'utf8');
}

const compose = read('compose.yaml');

it('Grafana looks for the boards where compose.yaml mounts them', () => {
  const { providers } = parse(read('grafana/provisioning/dashboards/livekit-cloud.yaml')) as {
    providers: { options: { path: string } }[];
  };
  const mounted = /- \.\/grafana\/dashboards:([^:\s]+):ro/.exec(compose)?.[1];
  expect(providers.map(({ options }) => options.path)).toEqual([mounted]);
});

it('the data source takes its address from the variable that compose.yaml sets', () => {
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yaml')) as {
    datasources: { url: string }[];
  };
  const variable = /(\w+): http:\/\/prometheus:9090/.exec(compose)?.[1];
  expect(datasources.map(({ url }) => url)).toEqual([`$${variable ?? ''}`]);
});
