import { expect, it } from 'vitest';
import { planOf } from '../../src/config/plans.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { noon } from '../core/session-rows.ts';
import { itWithPrometheus, promtoolComplaints } from '../prometheus-programs.ts';
import { added } from './added.ts';

const labelRoom = (name: string) => ({ name, publishable: true });
const rules = { window: 7 * 86_400, rooms: { limit: 10, linger: 600 }, details: false, labelRoom };
const initial = new Ledger(rules, noon).initialSnapshot();
const scale = planOf(projectSections.plan.parse({ name: 'scale', budget_dollars: 600 }));

function exposition(): Exposition {
  return new Exposition({ values: () => Promise.resolve([]) }, () => 0);
}

async function planLines(of: Exposition): Promise<string[]> {
  const { body } = await of.metrics({ format: 'text', encoding: 'identity' });
  return body
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('livekit_cloud_plan_'));
}

const scaleLines = [
  'livekit_cloud_plan_limit{project="p",resource="participants"} 5000',
  'livekit_cloud_plan_limit{project="p",resource="egresses"} 100',
  'livekit_cloud_plan_limit{project="p",resource="ingresses"} 100',
  'livekit_cloud_plan_included_connection_seconds{project="p"} 90000000',
  'livekit_cloud_plan_included_downstream_bytes{project="p"} 3000000000000',
  'livekit_cloud_plan_included_egress_seconds{project="p"} 480000',
  'livekit_cloud_plan_fee_dollars{project="p"} 500',
  'livekit_cloud_plan_budget_dollars{project="p"} 600',
  'livekit_cloud_plan_price_dollars{project="p",meter="connection_seconds"} 0.000006666666666666667',
  'livekit_cloud_plan_price_dollars{project="p",meter="downstream_bytes"} 1e-10',
  'livekit_cloud_plan_price_dollars{project="p",meter="egress_seconds"} 0.00025',
];

it.each([{ sources: ['list'] as const }, { sources: ['live'] as const }])(
  'publishes the plan of a project from the first moment, read from $sources',
  async ({ sources }) => {
    const published = exposition();
    const project = await added(published, 'p', initial, {
      plan: scale,
      sources,
    });
    expect(await planLines(published)).toEqual(scaleLines);
    project.withdrawGauges();
    project.withdrawGauges('live');
    expect(await planLines(published)).toEqual(scaleLines);
  },
);

it('publishes nothing of a plan that is not configured, and what is known of one after a reload', async () => {
  const published = exposition();
  const project = await added(published, 'p', initial);
  expect(await planLines(published)).toEqual([]);
  project.configure({
    sources: ['list'],
    plan: planOf(projectSections.plan.parse({ limits: { participants: 50 } })),
  });
  expect(await planLines(published)).toEqual([
    'livekit_cloud_plan_limit{project="p",resource="participants"} 50',
  ]);
});

itWithPrometheus('promtool finds nothing to complain about', async () => {
  const published = exposition();
  await added(published, 'p', initial, { plan: scale });
  const { body } = await published.metrics({ format: 'text', encoding: 'identity' });
  expect(promtoolComplaints(body.toString())).toBe('');
});
