import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { planOf, planPresets } from '../../src/config/plans.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { EgressLedger } from '../../src/core/egress-ledger.ts';
import { noLiveSnapshot } from '../../src/core/live-ledger.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { DetailedPolls } from '../core/detailed-polls.ts';
import { connection, details, participant } from '../core/details.ts';
import { noon, sessionRow } from '../core/session-rows.ts';

const page = readFileSync('docs/cost.md', 'utf8');
const presets = Object.values(planPresets);

function cells(row: string): string[] {
  const line = page.split('\n').find((text) => text.startsWith(`| ${row}`)) ?? '';
  return line.split('|').slice(2, -1).map((cell) => cell.trim());
}

const count = (value: number) => value.toLocaleString('en-US');
const dollars = (value: number | undefined) => (value === undefined ? '–' : `$${String(value)}`);

it("docs/cost.md has the program's own table of plans", () => {
  expect(cells(' ')).toEqual(Object.keys(planPresets).map((name) => `\`${name}\``));
  expect(cells('fee')).toEqual(presets.map(({ feeDollars }) => dollars(feeDollars)));
  expect(cells('WebRTC')).toEqual(presets.map(({ included }) => count(included.connectionMinutes)));
  expect(cells('downstream')).toEqual(presets.map(({ included }) => count(included.downstreamGb)));
  expect(cells('egress minutes')).toEqual(presets.map(({ included }) => count(included.egressMinutes)));
  expect(cells('participants')).toEqual(presets.map(({ limits }) => count(limits.participants)));
  expect(cells('egresses')).toEqual(presets.map(({ limits }) => count(limits.egresses)));
  expect(cells('ingresses')).toEqual(presets.map(({ limits }) => count(limits.ingresses)));
  const beyond = page.split('\n').filter((line) => line.startsWith('| and each beyond'));
  const prices = beyond.map((line) => line.split('|').slice(2, -1).map((cell) => cell.trim()));
  expect(prices).toEqual([
    presets.map((preset) => dollars(preset.prices.connectionMinute)),
    presets.map((preset) => dollars(preset.prices.downstreamGb)),
    presets.map((preset) => dollars(preset.prices.egressMinute)),
  ]);
});

it('an invoice by hand and the exporter come to the same', async () => {
  const [, yaml = ''] = /```yaml\nplan:\n([^]*?)```/.exec(page) ?? [];
  const plan = planOf(projectSections.plan.parse(parse(yaml)));
  const rows = page.split('\n').filter((line) => /^\| (connection minutes|downstream GB|egress minutes) +\| \d/.test(line));
  const invoice = rows.map((row) => row.split('|').slice(2, -1).map(Number));
  for (const [used, included, beyond, price, dollars] of invoice as [number, number, number, number, number][]) {
    expect(used - included).toBe(beyond);
    expect(beyond * price).toBeCloseTo(dollars, 9);
  }
  const sum = invoice.reduce((total, row) => total + (row.at(-1) ?? 0), 50);
  expect(Number(cells('sum').at(-1))).toBeCloseTo(sum, 9);

  const begin = noon - 60;
  const at = (minutes: number, seconds: number) => noon + 60 * minutes + seconds;
  const polls = new DetailedPolls(begin);
  const live = new EgressLedger(begin);
  polls.poll(begin, []);
  live.advance([], begin);
  const row = sessionRow({ sessionId: 'RM_1', createdAt: noon, participants: 2, bandwidthOut: 2.5e9, endedAt: at(10, 0) });
  polls.poll(at(11, 0), [row]);
  polls.read(at(11, 10), () =>
    details(
      [
        participant([connection(noon, at(10, 0))]),
        participant([connection(at(0, 30), at(4, 10)), connection(at(5, 0), at(5, 1))]),
      ],
      { endedAt: at(10, 0) },
    ),
  );
  const snapshot = polls.poll(at(12, 0), [row]);
  live.advance([{ egressId: 'EG_1', status: 'complete', startedAt: at(1, 0), endedAt: at(7, 0) }], at(12, 0));
  const exposition = new Exposition({ values: () => Promise.resolve([]) }, () => 0);
  const project = await exposition.openProject('production', snapshot, { plan, sources: ['list', 'live'] });
  project.add();
  await project.publish(snapshot);
  await project.publishLive({ ...noLiveSnapshot, egresses: live.snapshot() }, true);
  const { body } = await exposition.metrics({ format: 'text', encoding: 'identity' });
  const said = body.toString().split('\n').filter((line) => line.startsWith('livekit_cloud_month_'));
  const [, documented = ''] = /The exporter says the same:\n\n```\n([^]*?)```/.exec(page) ?? [];
  expect(said.slice(0, 4).join('\n')).toBe(documented.trim());
});
