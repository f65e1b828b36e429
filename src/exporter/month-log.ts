// What is logged of a month that has ended: its totals, as far as they were measured.
import type { EgressMonth } from '../core/egress-ledger.ts';
import type { LiveSnapshot } from '../core/live-ledger.ts';
import type { MonthTotals } from '../core/month.ts';
import { egressSecondsOf, monthCost, type Plan } from '../core/plan.ts';
import type { Logger } from '../lib/logger.ts';
import { isoTime } from '../lib/time.ts';

const message = 'Month ended';

/** Of a project with a session list. */
export function logMonth(
  log: Pick<Logger, 'info'>,
  month: MonthTotals,
  plan: Plan | undefined,
  { egresses }: Pick<LiveSnapshot, 'egresses'>,
): void {
  const { connectionSeconds, downstreamBytes } = month;
  const egressSeconds = egresses?.month && egressSecondsOf(month, egresses.month);
  log.info(message, {
    month: monthName(month),
    connection_seconds: connectionSeconds,
    downstream_bytes: downstreamBytes,
    egress_seconds: egressSeconds,
    cost_dollars: monthCost(plan, { ...month, egressSeconds }),
  });
}

/** Of a project on the live source alone. */
export function logEgressMonth(log: Pick<Logger, 'info'>, month: EgressMonth): void {
  log.info(message, { month: monthName(month), egress_seconds: month.seconds });
}

/** `2026-11`. */
function monthName({ begin }: Pick<MonthTotals, 'begin'>): string {
  return isoTime(begin).slice(0, 7);
}
