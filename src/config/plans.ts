// LiveKit's plans as it publishes them, and what a project's plan comes to. No API tells any of it: every number can be
// set. Sources: https://livekit.io/pricing (25 September 2026) for fees, included amounts and prices,
// https://docs.livekit.io/home/cloud/quotas-and-limits/ (2025) for concurrent limits. docs/cost.md has the same table.
import type * as z from 'zod';
import { polling, section, setting, subsection } from './section.ts';
import * as values from './values.ts';

/** Of each kind of egress the price is the highest, that of video. A plan without prices ends where its amounts do. */
export const planPresets = {
  build: {
    limits: { participants: 100, egresses: 2, ingresses: 2 },
    included: { connectionMinutes: 5000, downstreamGb: 50, egressMinutes: 60 },
    prices: { connectionMinute: undefined, downstreamGb: undefined, egressMinute: undefined },
    feeDollars: 0,
  },
  ship: {
    limits: { participants: 1000, egresses: 100, ingresses: 100 },
    included: { connectionMinutes: 150_000, downstreamGb: 250, egressMinutes: 600 },
    prices: { connectionMinute: 0.0005, downstreamGb: 0.12, egressMinute: 0.02 },
    feeDollars: 50,
  },
  scale: {
    limits: { participants: 5000, egresses: 100, ingresses: 100 },
    included: { connectionMinutes: 1_500_000, downstreamGb: 3000, egressMinutes: 8000 },
    prices: { connectionMinute: 0.0004, downstreamGb: 0.1, egressMinute: 0.015 },
    feeDollars: 500,
  },
} as const;

/** A number of the plan, which the plan by its name has unless it is set. */
function ofPlan(kind: ReturnType<typeof values.number>, description: string, more = {}) {
  return setting(kind.optional(), undefined, description, more);
}

const amount = values.number(0, 10_000_000_000);
const price = values.number(0, 1000);
const concurrent = values.number(0, 10_000_000);

export const planSection = section('Plan', polling, {
  name: setting(
    values.choice('build', 'ship', 'scale').optional(),
    undefined,
    'The LiveKit Cloud plan. It sets the numbers below to those that LiveKit publishes (docs/cost.md); each can be overridden. Without a name or numbers there is no plan.',
    { demoDefault: 'scale' },
  ),
  limits: subsection({
    participants: ofPlan(concurrent, 'The most participants at the same time, agents included.'),
    egresses: ofPlan(concurrent, 'The most egresses at the same time.'),
    ingresses: ofPlan(concurrent, 'The most ingresses at the same time.'),
  }),
  included: subsection({
    connection_minutes: ofPlan(amount, 'WebRTC participant minutes included per month.'),
    downstream_gb: ofPlan(amount, 'Downstream data included per month, in GB of 1000 MB.'),
    egress_minutes: ofPlan(amount, 'Egress minutes included per month.'),
  }),
  prices: subsection({
    connection_minute: ofPlan(price, 'Dollars for each WebRTC participant minute above the included amount.'),
    downstream_gb: ofPlan(price, 'Dollars for each GB of downstream data above the included amount.'),
    egress_minute: ofPlan(
      price,
      'Dollars for each egress minute above the included amount. No API tells kinds of egress apart, so the default is the price of the most expensive kind, video.',
    ),
  }),
  fee_dollars: ofPlan(amount, 'The fixed fee per month, in dollars.'),
  budget_dollars: ofPlan(values.number(0.01, 1_000_000_000), 'The budget per month in dollars, for alerts.', {
    demoDefault: 40_000,
  }),
});

/** LiveKit's gigabyte has 1000 MB. */
const gigabyte = 1e9;

/** In seconds, bytes and dollars a month; what is not known is undefined. Undefined where nothing is known of the plan. */
export function planOf(section: z.output<typeof planSection>) {
  const preset = section.name && planPresets[section.name];
  const { participants, egresses, ingresses } = { ...preset?.limits, ...section.limits };
  const included = { ...preset?.included, ...section.included };
  const prices = { ...preset?.prices, ...section.prices };
  const minutes = (value: number | undefined) => value && value * 60;
  const perMinute = (value: number | undefined) => value && value / 60;
  const fee = section.feeDollars ?? preset?.feeDollars;
  const budget = section.budgetDollars;
  const limits = { participants, egresses, ingresses };
  const numbers = [limits, included, prices, { fee, budget }].flatMap((part) => Object.values(part));
  if (numbers.every((value) => value === undefined)) return undefined;
  return {
    limits,
    included: {
      connectionSeconds: minutes(included.connectionMinutes),
      downstreamBytes: included.downstreamGb && included.downstreamGb * gigabyte,
      egressSeconds: minutes(included.egressMinutes),
    },
    prices: {
      connectionSeconds: perMinute(prices.connectionMinute),
      downstreamBytes: prices.downstreamGb && prices.downstreamGb / gigabyte,
      egressSeconds: perMinute(prices.egressMinute),
    },
    fee,
    budget,
  };
}
