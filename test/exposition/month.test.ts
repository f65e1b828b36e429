import { expect, it } from 'vitest';
import { planOf } from '../../src/config/plans.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { EgressLedger } from '../../src/core/egress-ledger.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { noLiveSnapshot } from '../../src/core/live-ledger.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { complete, listedPart, sessionRow } from '../core/session-rows.ts';
import { itWithPrometheus, promtoolComplaints } from '../prometheus-programs.ts';
import { added } from './added.ts';

const november = Date.parse('2026-11-01') / 1000;
const december = Date.parse('2026-12-01') / 1000;
const rules = {
  window: 7 * 86_400,
  rooms: { limit: 10, linger: 600 },
  details: false,
  labelRoom: (name: string) => ({ name, publishable: true }),
};
const plan = planOf(
  projectSections.plan.parse({ fee_dollars: 10, prices: { downstream_gb: 1, egress_minute: 6 } }),
);

function poll(ledger: Ledger, now: number, bandwidthOut: number): ProjectSnapshot {
  const row = sessionRow({ sessionId: 'RM_1', createdAt: december - 60, bandwidthOut });
  return complete(ledger.advance(listedPart(now, [[row]], november), now));
}

async function text(exposition: Exposition): Promise<string> {
  return (await exposition.metrics({ format: 'text', encoding: 'identity' })).body.toString();
}

/** Without `livekit_cloud_month_` and the label of the project. */
async function monthOf(exposition: Exposition): Promise<string[]> {
  return (await text(exposition))
    .split('\n')
    .flatMap((line) =>
      line.startsWith('livekit_cloud_month_') ? line.slice(20).replace('{project="p"}', '') : [],
    );
}

it('publishes what is measured, and takes the egresses of the month that the list is in', async () => {
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const ledger = new Ledger(rules, december - 120);
  const egresses = new EgressLedger(december - 120);
  const project = await added(exposition, 'p', ledger.initialSnapshot(), { plan, sources: ['list', 'live'] });
  expect(await monthOf(exposition)).toEqual([]);

  const live = (time: number) => {
    egresses.advance([{ egressId: 'EG_1', status: 'active', startedAt: december - 70, endedAt: 0 }], time);
    return project.publishLive({ ...noLiveSnapshot, egresses: egresses.snapshot() }, true);
  };
  await live(december - 10);
  await project.publish(poll(ledger, december - 10, 2e9));
  const ofNovember = [
    'downstream_bytes 2000000000',
    'cost_dollars 18',
    `covered_since_timestamp_seconds ${String(november)}`,
  ];
  expect(await monthOf(exposition)).toEqual([ofNovember[0], 'egress_seconds 60', ...ofNovember.slice(1)]);

  // The live source is the first to see the new month, then the list.
  await live(december + 10);
  expect(await monthOf(exposition)).toEqual([
    'downstream_bytes 2000000000',
    'egress_seconds 10',
    'cost_dollars 19',
    `covered_since_timestamp_seconds ${String(november)}`,
  ]);
  await project.publish(poll(ledger, december + 20, 3e9));
  expect(await monthOf(exposition)).toEqual([
    'downstream_bytes 1000000000',
    'egress_seconds 10',
    'cost_dollars 12',
    `covered_since_timestamp_seconds ${String(december)}`,
  ]);
  project.withdrawGauges('live');
  project.withdrawGauges();
  expect(await monthOf(exposition)).toEqual([]);
});

it('has only egresses of a project on the live source alone, and no cost', async () => {
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const ledger = new Ledger(rules, december);
  const egresses = new EgressLedger(december);
  const project = await added(exposition, 'p', ledger.initialSnapshot(), { plan, sources: ['live'] });
  egresses.advance([], december + 5);
  await project.publishLive({ ...noLiveSnapshot, egresses: egresses.snapshot() }, true);
  expect(await monthOf(exposition)).toEqual([
    'egress_seconds 0',
    `covered_since_timestamp_seconds ${String(december + 5)}`,
  ]);
});

itWithPrometheus('promtool finds nothing to complain about', async () => {
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const ledger = new Ledger(rules, december - 120);
  const project = await added(exposition, 'p', ledger.initialSnapshot(), { plan });
  await project.publish(poll(ledger, december - 10, 2e9));
  expect(promtoolComplaints(await text(exposition))).toBe('');
});
