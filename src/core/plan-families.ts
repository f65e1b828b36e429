// The table of what is published about the plan of a project: name, help, type and labels of each metric, with the small
// function that reads its value. What is not known of a plan is not published.
import type { Labelled, ViewFamily } from './family.ts';
import type { Plan } from './plan.ts';

/** A project's plan as it is published. */
export interface PlanView {
  readonly project: string;
  /** Undefined where none is configured. */
  readonly plan: Plan | undefined;
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

function known(values: Readonly<Record<string, number | undefined>>): Labelled {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}
