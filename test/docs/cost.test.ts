import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { planPresets } from '../../src/config/plans.ts';

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
