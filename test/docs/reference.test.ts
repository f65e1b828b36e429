import { expect, it } from 'vitest';
import { configurationReference } from './configuration-reference.ts';
import { metricsReference } from './metrics-reference.ts';

// `npm run docs` writes the pages anew.
it('docs/metrics.md says what the program publishes', async () => {
  await expect(metricsReference()).toMatchFileSnapshot('../../docs/metrics.md');
});

it('docs/configuration.md says what can be set', async () => {
  await expect(configurationReference()).toMatchFileSnapshot('../../docs/configuration.md');
});
