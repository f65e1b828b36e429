// The tables of what is published about the plan of a project and about its use of the month: name, help, type and labels of
// each metric, with the small function that reads its value. What is not known is not published.
import type { EgressMonths } from './egress-ledger.ts';
import type { Labelled, ViewFamily } from './family.ts';
import type { MonthSnapshot } from './month.ts';
import { costOf, hasCost, type Plan } from './plan.ts';

/** A project's plan as it is published. */
export interface PlanView {
  readonly project: string;
  /** Undefined where none is configured. */
  readonly plan: Plan | undefined;
}

/** A project's month as it is published. Undefined is what is not read, or was withdrawn. */
export interface MonthView extends PlanView {
  /** As the session list has it. */
  readonly list: MonthSnapshot | undefined;
  /** As the live source has it. */
  readonly live: EgressMonths | undefined;
  /** Whether the project has a session list. */
  readonly hasList: boolean;
}

/** What is published of a month's use. Undefined is what is not measured, or not known now. */
export interface MonthUse {
  readonly connectionSeconds: number | undefined;
  readonly downstreamBytes: number | undefined;
  readonly egressSeconds: number | undefined;
  /** Dollars. */
  readonly cost: number | undefined;
  /** Unix seconds. */
  readonly coveredSince: number | undefined;
}

export function monthUse({ plan, list, live, hasList }: Omit<MonthView, 'project'>): MonthUse {
  const isListed = list?.coveredSince !== undefined;
  return {
    connectionSeconds: list?.connectionSeconds,
    downstreamBytes: isListed ? list.downstreamBytes : undefined,
    egressSeconds: live?.seconds,
    cost:
      isListed && plan && hasCost(plan)
        ? costOf(plan, { ...list, egressSeconds: egressSecondsOf(list, live) })
        : undefined,
    coveredSince: hasList ? list?.coveredSince : live?.coveredSince,
  };
}

export const planFamilies: readonly ViewFamily<PlanView>[] = [
  {
    name: 'livekit_cloud_plan_limit',
    help: 'Participants (including agents), egresses and ingresses that the plan allows at the same time.',
    type: 'gauge',
    label: 'resource',
    value: ({ plan }) => plan && known(plan.limits),
  },
  {
    name: 'livekit_cloud_plan_included_connection_seconds',
    help: 'WebRTC connection time that the plan includes per month.',
    type: 'gauge',
    value: ({ plan }) => plan?.included.connectionSeconds,
  },
  {
    name: 'livekit_cloud_plan_included_downstream_bytes',
    help: 'Bytes downloaded from LiveKit that the plan includes per month.',
    type: 'gauge',
    value: ({ plan }) => plan?.included.downstreamBytes,
  },
  {
    name: 'livekit_cloud_plan_included_egress_seconds',
    help: 'Running time of egresses that the plan includes per month.',
    type: 'gauge',
    value: ({ plan }) => plan?.included.egressSeconds,
  },
  {
    name: 'livekit_cloud_plan_fee_dollars',
    help: 'Monthly fee of the plan, regardless of use.',
    type: 'gauge',
    value: ({ plan }) => plan?.fee,
  },
  {
    name: 'livekit_cloud_plan_budget_dollars',
    help: 'Configured monthly budget.',
    type: 'gauge',
    value: ({ plan }) => plan?.budget,
  },
  {
    name: 'livekit_cloud_plan_price_dollars',
    help: 'Price of a second or byte beyond what the plan includes.',
    type: 'gauge',
    label: 'meter',
    value: ({ plan }) =>
      plan &&
      known({
        connection_seconds: plan.prices.connectionSeconds,
        downstream_bytes: plan.prices.downstreamBytes,
        egress_seconds: plan.prices.egressSeconds,
      }),
  },
];

export const monthFamilies: readonly ViewFamily<MonthView>[] = [
  {
    name: 'livekit_cloud_month_connection_seconds',
    help: 'WebRTC connection time since the month began (UTC), as LiveKit bills it: each connection is rounded up to a full minute, and each minute counts in the month in which it begins. Needs details.enabled.',
    type: 'gauge',
    value: (view) => monthUse(view).connectionSeconds,
  },
  {
    name: 'livekit_cloud_month_downstream_bytes',
    help: 'Bytes downloaded from LiveKit since the month began (UTC), without the rounding up to 0.01 GB per resource that LiveKit applies to its bills.',
    type: 'gauge',
    value: (view) => monthUse(view).downstreamBytes,
  },
  {
    name: 'livekit_cloud_month_egress_seconds',
    help: 'Running time of egresses since the month began (UTC), as far as the exporter has seen it. Needs the live source.',
    type: 'gauge',
    value: (view) => monthUse(view).egressSeconds,
  },
  {
    name: 'livekit_cloud_month_cost_dollars',
    help: "The plan's fee plus the price of what was used beyond what it includes since the month began (UTC), for the meters that are measured. Excludes agent, SIP and inference minutes, which no API reports, and the rounding of data.",
    type: 'gauge',
    value: (view) => monthUse(view).cost,
  },
  {
    name: 'livekit_cloud_month_covered_since_timestamp_seconds',
    help: 'Time since which the use of the month is known: the start of the month, or later if the exporter started later, or missed a part of the month, and LiveKit no longer lists what happened before.',
    type: 'gauge',
    value: (view) => monthUse(view).coveredSince,
  },
];

/** Running time of egresses in a month, whichever of the two sources reaches the month first. */
export function egressSecondsOf(
  { begin }: Pick<MonthSnapshot, 'begin'>,
  live: EgressMonths | undefined,
): number {
  return [live, live?.before].find((month) => month?.begin === begin)?.seconds ?? 0;
}

function known(values: Readonly<Record<string, number | undefined>>): Labelled {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}
