import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

function provisioned(file: string): unknown {
  return parse(readFileSync(new URL(`../../grafana/provisioning/${file}`, import.meta.url), 'utf8'));
}

it('the data source is Prometheus wherever the environment says, and not to be edited', () => {
  expect(provisioned('datasources/prometheus.yaml')).toMatchObject({
    apiVersion: 1,
    datasources: [
      { type: 'prometheus', uid: 'livekit-cloud-prometheus', url: '$PROMETHEUS_URL', editable: false },
    ],
  });
});

it('the boards come from files, and what is changed in the browser is not kept', () => {
  expect(provisioned('dashboards/livekit-cloud.yaml')).toMatchObject({
    apiVersion: 1,
    providers: [
      {
        type: 'file',
        allowUiUpdates: false,
        options: { path: '/var/lib/grafana/dashboards/livekit-cloud' },
      },
    ],
  });
});
