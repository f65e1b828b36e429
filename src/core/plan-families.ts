// The tables of what is published about the plan of a project and about its use of the month: name, help, type and labels of
// each metric, with the small function that reads its value. What is not known is not published.
import type { Labelled } from './counts.ts';
import { type Family, gauge } from './family.ts';
import type { MonthUse, Plan } from './plan.ts';

export const planFamilies: readonly Family<{ readonly plan: Plan | undefined }>[] = [
  gauge(
    'livekit_cloud_plan_limit',
    'Participants (including agents), egresses and ingresses that the plan allows at the same time.',
    ({ plan }) => plan && known(plan.limits),
    { label: 'resource' },
  ),
  gauge(
    'livekit_cloud_plan_included_connection_seconds',
    'WebRTC connection time that the plan includes per month.',
    ({ plan }) => plan?.included.connectionSeconds,
  ),
  gauge(
    'livekit_cloud_plan_included_downstream_bytes',
    'Bytes downloaded from LiveKit that the plan includes per month.',
    ({ plan }) => plan?.included.downstreamBytes,
  ),
  gauge(
    'livekit_cloud_plan_included_egress_seconds',
    'Running time of egresses that the plan includes per month.',
    ({ plan }) => plan?.included.egressSeconds,
  ),
  gauge(
    'livekit_cloud_plan_fee_dollars',
    'Monthly fee of the plan, regardless of use.',
    ({ plan }) => plan?.fee,
  ),
  gauge('livekit_cloud_plan_budget_dollars', 'Configured monthly budget.', ({ plan }) => plan?.budget),
  gauge(
    'livekit_cloud_plan_price_dollars',
    'Price of a second or byte beyond what the plan includes.',
    ({ plan }) =>
      plan &&
      known({
        connection_seconds: plan.prices.connectionSeconds,
        downstream_bytes: plan.prices.downstreamBytes,
        egress_seconds: plan.prices.egressSeconds,
      }),
    { label: 'meter' },
  ),
];

export const monthFamilies: readonly Family<MonthUse>[] = [
  gauge(
    'livekit_cloud_month_connection_seconds',
    'WebRTC connection time since the month began (UTC), as LiveKit bills it: each connection is rounded up to a full minute, and each minute counts in the month in which it begins. Needs details.enabled.',
    ({ connectionSeconds }) => connectionSeconds,
  ),
  gauge(
    'livekit_cloud_month_downstream_bytes',
    'Bytes downloaded from LiveKit since the month began (UTC), without the rounding up to 0.01 GB per resource that LiveKit applies to its bills.',
    ({ downstreamBytes }) => downstreamBytes,
  ),
  gauge(
    'livekit_cloud_month_egress_seconds',
    'Running time of egresses since the month began (UTC), as far as the exporter has seen it. Needs the live source.',
    ({ egressSeconds }) => egressSeconds,
  ),
  gauge(
    'livekit_cloud_month_cost_dollars',
    "The plan's fee plus the price of what was used beyond what it includes since the month began (UTC), for the meters that are measured. Excludes agent, SIP and inference minutes, which no API reports, and the rounding of data.",
    ({ cost }) => cost,
  ),
  gauge(
    'livekit_cloud_month_covered_since_timestamp_seconds',
    'Time since which the use of the month is known: the start of the month, or later if the exporter started later, or missed a part of the month, and LiveKit no longer lists what happened before.',
    ({ coveredSince }) => coveredSince,
  ),
];

function known(values: Readonly<Record<string, number | undefined>>): Labelled {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}
