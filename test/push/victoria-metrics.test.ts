// What a real receiver makes of a push: the names, labels and values that a scrape would have brought, and no others.
import { expect, it } from 'vitest';
import type { FamilyValues } from '../../src/core/family.ts';
import { SelfMetrics } from '../../src/exposition/self-metrics.ts';
import { describedMetrics } from '../docs/metrics-reference.ts';
import { eventually } from '../end-to-end/eventually.ts';
import { pushing, startedAt } from './published.ts';
import { seriesOf } from './series.ts';
import { describeWithVictoriaMetrics, startVictoriaMetrics } from './victoria-metrics.ts';

const awkward = 'Ünï "code" 🎥\\';
const bounds = [0.5, 60, 600.25];
const histogram = { bounds, counts: [1, 0, 2, 4], sum: 4321.5 };

/** Every family that the program can publish, with one series each. */
function everyFamily(): FamilyValues[] {
  const { projects, plan, rooms, groups, exporter } = describedMetrics();
  const ofProcess = new SelfMetrics({ version: '', revision: '', nodeVersion: '' }, () => startedAt)
    .describe()
    .filter(({ name }) => !name.startsWith('livekit_cloud_'))
    .map(({ name, help, type, labelNames }) => ({ name, help, type, labels: labelNames }));
  return [...projects, ...plan, ...rooms, ...groups, ...exporter, ...ofProcess].map(
    ({ name, help, type, labels }, index) => ({
      name,
      help,
      type: type as FamilyValues['type'],
      samples: [
        {
          labels: Object.fromEntries(
            labels.map((label) => [label, label === 'room' ? awkward : `a ${label}`]),
          ),
          value: type === 'histogram' ? histogram : index + 0.5,
          since: type === 'gauge' ? undefined : startedAt,
        },
      ],
    }),
  );
}

describeWithVictoriaMetrics('VictoriaMetrics', () => {
  it.each([
    { name: 'as it comes', flags: [] },
    // The rules are those of Prometheus and of OpenTelemetry's collector: they append units and types to names.
    { name: 'with names translated for Prometheus', flags: ['-opentelemetry.usePrometheusNaming'] },
  ])('has every series as if it had scraped it, $name', async ({ flags }) => {
    const receiver = await startVictoriaMetrics(flags);
    const families = everyFamily();
    const want = new Map(
      families.flatMap(({ name, samples }) =>
        [...samples].flatMap(({ labels, value }) => seriesOf(name, labels, value)),
      ),
    );
    const variables = {
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    };
    const push = await pushing(variables, everyFamily);
    await push.stop();
    expect(push.logged).toEqual([`info First push complete {"points":${String(families.length)}}`]);
    await eventually(async () => expect(await receiver.series()).toEqual(want));
  });
});
