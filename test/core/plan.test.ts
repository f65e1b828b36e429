import { expect, it } from 'vitest';
import { planOf } from '../../src/config/plans.ts';
import { projectSections } from '../../src/config/project-schema.ts';
import { costOf, hasCost, type Plan } from '../../src/core/plan.ts';

const plan = (given: object) => planOf(projectSections.plan.parse(given)) as Plan;
const ship = plan({ name: 'ship' });

it.each([
  { used: {}, want: 50 },
  { used: { connectionSeconds: 150_000 * 60, downstreamBytes: 250e9, egressSeconds: 600 * 60 }, want: 50 },
  { used: { connectionSeconds: 151_000 * 60 }, want: 50.5 },
  { used: { connectionSeconds: 151_000 * 60, downstreamBytes: 260e9, egressSeconds: 610 * 60 }, want: 51.9 },
  { used: { connectionSeconds: undefined, downstreamBytes: 251e9 }, want: 50.12 },
])('$used costs $want dollars on Ship', ({ used, want }) => {
  expect(costOf(ship, used)).toBeCloseTo(want, 9);
});

it('a plan with a price and no included amount charges from the first byte on', () => {
  expect(costOf(plan({ prices: { downstream_gb: 0.1 } }), { downstreamBytes: 5e9 })).toBeCloseTo(0.5, 9);
});

it.each([
  [{ name: 'build' }, true],
  [{ fee_dollars: 10 }, true],
  [{ prices: { egress_minute: 0.01 } }, true],
  [{ budget_dollars: 10, limits: { participants: 5 } }, false],
])('%j has a cost: %s', (given, want) => {
  expect(hasCost(plan(given))).toBe(want);
});
