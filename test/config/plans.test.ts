import { expect, test } from 'vitest';
import { planOf } from '../../src/config/plans.ts';
import { oneProject, problemsOfFile, projectFile, settingsFrom } from './settings-from.ts';

async function plan(file: string, flags: readonly string[] = []) {
  const { projects } = await settingsFrom({
    argv: ['--config.file=c.yaml', ...flags],
    files: { 'c.yaml': projectFile + file },
  });
  return planOf(projects[0]!.plan);
}

test('without a plan there is none', async () => {
  expect(planOf((await settingsFrom({ environment: oneProject })).projects[0]!.plan)).toBeUndefined();
});

test('a plan by its name has the numbers that LiveKit publishes, in seconds and bytes', async () => {
  expect(await plan('    plan: {name: ship}')).toEqual({
    limits: { participants: 1000, egresses: 100, ingresses: 100 },
    included: { connectionSeconds: 9_000_000, downstreamBytes: 250e9, egressSeconds: 36_000 },
    prices: { connectionSeconds: 0.0005 / 60, downstreamBytes: 0.12 / 1e9, egressSeconds: 0.02 / 60 },
    fee: 50,
    budget: undefined,
  });
});

test('Build ends where its hard cap is: it has no prices', async () => {
  expect(await plan('    plan: {name: build}')).toMatchObject({
    included: { connectionSeconds: 300_000, downstreamBytes: 50e9, egressSeconds: 3600 },
    prices: { connectionSeconds: undefined, downstreamBytes: undefined, egressSeconds: undefined },
    fee: 0,
  });
});

test('every number can be set, in the file, in the project and by a flag', async () => {
  const file = [
    '    plan:',
    '      limits: {participants: 7000}',
    '      prices: {downstream_gb: 0.05}',
    'plan:',
    '  name: scale',
    '  limits: {participants: 6000, egresses: 250}',
    '  included: {connection_minutes: 2000000.5}',
    '  budget_dollars: 4000',
  ].join('\n');
  expect(await plan(file, ['--plan.fee-dollars=750.25', '--plan.limits.ingresses=0'])).toEqual({
    limits: { participants: 7000, egresses: 250, ingresses: 0 },
    included: { connectionSeconds: 120_000_030, downstreamBytes: 3e12, egressSeconds: 480_000 },
    prices: { connectionSeconds: 0.0004 / 60, downstreamBytes: 0.05 / 1e9, egressSeconds: 0.015 / 60 },
    fee: 750.25,
    budget: 4000,
  });
});

test('a plan of one number is a plan', async () => {
  expect(await plan('    plan: {limits: {participants: 50}}')).toMatchObject({
    limits: { participants: 50, egresses: undefined },
    fee: undefined,
  });
});

test.each([
  {
    added: '    plan: {name: pro}',
    problem: 'config.yaml:6:18: projects[0].plan.name: pro is not one of them; allowed: build, ship, scale',
  },
  {
    added: '    plan: {limits: {participants: -1}}',
    problem:
      'config.yaml:6:35: projects[0].plan.limits.participants: -1 is out of range; allowed: 0 to 10000000',
  },
  {
    added: 'plan: {budget_dollars: 0}',
    problem: 'config.yaml:6:24: plan.budget_dollars: 0 is out of range; allowed: 0.01 to 1000000000',
  },
  {
    added: 'plan: {prices: {minute: 1}}',
    problem:
      'config.yaml:6:17: plan.prices.minute: unknown key; allowed: connection_minute, downstream_gb, egress_minute',
  },
  {
    added: 'plan: {participants: 1}',
    problem:
      'config.yaml:6:8: plan.participants: unknown key; it belongs below plan.limits: check the indentation; ' +
      'allowed: name, limits, included, prices, fee_dollars, budget_dollars',
  },
  {
    added: 'plan: {limits: 5}',
    problem: 'config.yaml:6:16: plan.limits: not a section; allowed: participants, egresses, ingresses',
  },
])('refuses $added', async ({ added, problem }) => {
  expect(await problemsOfFile(projectFile + added)).toEqual([problem]);
});
