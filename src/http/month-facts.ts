// What a project has used since the month began, what of it the plan includes, and what that costs: the same numbers as the
// metrics have.
import type { MonthUse, Plan } from '../core/plan.ts';
import { utcMonth } from '../core/utc-month.ts';
import { facts } from './elements.ts';
import { html, type Content } from './html.ts';
import { amountInWords, dollarsInWords, utc } from './words.ts';

/** Empty while nothing is known of the month. What is not measured is left out. */
export function monthFacts(use: MonthUse, plan: Plan | undefined): Content {
  const { connectionSeconds, downstreamBytes, egressSeconds, cost, coveredSince } = use;
  if (coveredSince === undefined) return undefined;
  const meter = (name: string, unit: number, used: number | undefined, included: number | undefined) =>
    used !== undefined &&
    ([
      name,
      html`${amountInWords(used / unit)}${included !== undefined && html` <small>of ${amountInWords(included / unit)}</small>`}`,
    ] as const);
  const { included, budget } = plan ?? {};
  const isWhole = coveredSince === utcMonth(coveredSince).begin;
  return html`<h3>This month</h3>
    ${facts(
      [
        cost !== undefined && [
          'Cost so far',
          html`${dollarsInWords(cost)}${budget !== undefined && html` <small>of ${dollarsInWords(budget)} budget</small>`}`,
        ],
        meter('Connection minutes', 60, connectionSeconds, included?.connectionSeconds),
        meter('Downstream GB', 1e9, downstreamBytes, included?.downstreamBytes),
        meter('Egress minutes', 60, egressSeconds, included?.egressSeconds),
      ],
      'wide numbers',
    )}
    <p>
      <small>Complete since ${utc(coveredSince)}${!isWhole && ': earlier use may be missing'}.</small>
    </p>`;
}
