// Polls of a ledger with session details: each counts what was read of details since the poll before it.
import type { DetailsResult } from '../../src/core/details-ledger.ts';
import { type DetailsTarget, summarizeDetails } from '../../src/core/session-details.ts';
import { Ledger, type LedgerRules } from '../../src/core/ledger.ts';
import type { LedgerState } from '../../src/core/ledger-state.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import type { SessionDetails } from '../../src/core/session-details.ts';
import type { SessionRow } from '../../src/core/session-row.ts';
import type { ProjectSnapshot } from '../../src/core/snapshot.ts';
import type { FailureReason } from '../../src/core/source-error.ts';
import { complete, listedPart } from './session-rows.ts';

export type Answer = SessionDetails | FailureReason;

export const detailsRules: LedgerRules = {
  window: 7 * 86_400,
  rooms: { limit: 500, linger: 600 },
  details: true,
  labelRoom: roomLabels({ include: /^(?:.*)$/su, exclude: /^(?:)$/su, rewrite: [] }),
};

export class DetailedPolls {
  ledger: Ledger;
  #read: DetailsResult[] = [];

  constructor(since: number, rules = detailsRules) {
    this.ledger = new Ledger(rules, since);
  }

  /** The whole list. */
  poll(now: number, rows: readonly SessionRow[], mostWaiting = Infinity): ProjectSnapshot {
    const read = { results: this.#read, mostWaiting };
    this.#read = [];
    return complete(this.ledger.advance(listedPart(now, [rows], -Infinity), now, read));
  }

  targets(): readonly DetailsTarget[] {
    return this.ledger.detailsTargets(Infinity);
  }

  /** Reads everything that is to be read; answers with the ids of what was. */
  read(now: number, answer: (sessionId: string) => Answer, most = Infinity): string[] {
    return this.ledger.detailsTargets(most).map((target) => {
      const answered = answer(target.sessionId);
      const outcome =
        typeof answered === 'string' ? answered : complete(summarizeDetails(answered, target, now));
      this.#read.push({ target, readAt: now, outcome });
      return target.sessionId;
    });
  }

  /** Takes what was read and not counted yet, to be counted later. */
  withhold(): DetailsResult[] {
    return this.#read.splice(0);
  }

  giveBack(results: readonly DetailsResult[]): void {
    this.#read.push(...results);
  }

  /** Loses what was read and not counted yet. */
  restart(since: number, rules = detailsRules): void {
    const state = complete(this.ledger.state()) as LedgerState;
    this.#read = [];
    this.ledger = new Ledger(rules, since);
    complete(this.ledger.restore(JSON.parse(JSON.stringify(state)) as LedgerState));
  }
}
