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
    help: 'Participants (agents included), egresses and ingresses that the plan allows at the same time.',
    type: 'gauge',
    label: 'resource',
    value: ({ plan }) => plan && known(plan.limits),
  },
  {
    name: 'livekit_cloud_plan_included_connection_seconds',
    help: 'WebRTC connection time that the plan includes a month.',
    type: 'gauge',
    value: ({ plan }) => plan?.included.connectionSeconds,
  },
  {
    name: 'livekit_cloud_plan_included_downstream_bytes',
    help: 'Bytes downloaded from LiveKit that the plan includes a month.',
    type: 'gauge',
    value: ({ plan }) => plan?.included.downstreamBytes,
  },
  {
    name: 'livekit_cloud_plan_included_egress_seconds',
    help: 'Running time of egresses that the plan includes a month.',
    type: 'gauge',
    value: ({ plan }) => plan?.included.egressSeconds,
  },
  {
    name: 'livekit_cloud_plan_fee_dollars',
    help: 'What the plan costs a month, whatever is used.',
    type: 'gauge',
    value: ({ plan }) => plan?.fee,
  },
  {
    name: 'livekit_cloud_plan_budget_dollars',
    help: 'What a month may cost, as configured.',
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
    help: 'WebRTC connection time since the month began (UTC), as LiveKit bills it: each connection rounded up to the full minute, counted in the month in which each minute begins. Needs details.enabled.',
    type: 'gauge',
    value: (view) => monthUse(view).connectionSeconds,
  },
  {
    name: 'livekit_cloud_month_downstream_bytes',
    help: 'Bytes downloaded from LiveKit since the month began (UTC). LiveKit rounds the data of each resource up to 0.01 GB before it bills; this does not.',
    type: 'gauge',
    value: (view) => monthUse(view).downstreamBytes,
  },
  {
    name: 'livekit_cloud_month_egress_seconds',
    help: 'Running time of egresses since the month began (UTC), as far as it was seen. Needs the live source.',
    type: 'gauge',
    value: (view) => monthUse(view).egressSeconds,
  },
  {
    name: 'livekit_cloud_month_cost_dollars',
    help: "The plan's fee and what was used beyond what it includes since the month began (UTC), of the meters that are measured. Agent, SIP and inference minutes, which no API tells, and the rounding of data are not in it.",
    type: 'gauge',
    value: (view) => monthUse(view).cost,
  },
  {
    name: 'livekit_cloud_month_covered_since_timestamp_seconds',
    help: "From when on the use of the month is known: the month's begin, or later where the exporter began later and LiveKit no longer lists what was before.",
    type: 'gauge',
    value: (view) => monthUse(view).coveredSince,
  },
];

/** Running time of egresses in a month, whichever of the two sources has come to it first. */
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
