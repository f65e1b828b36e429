// Pages of a session list for tests, written as the starts of their rows.
import type { RejectionReason } from '../../../src/core/session-row.ts';
import type { ListedPage } from '../../../src/livekit/list/listed-page.ts';
import { sessionRow } from '../../core/session-rows.ts';

/** A page of sessions that started then (Unix seconds); those of one start are one session. */
export function listedPage(page: number, starts: readonly number[], rejected = 0): ListedPage {
  const rows = starts.map((createdAt) => sessionRow({ sessionId: `RM_${String(createdAt)}`, createdAt }));
  const reasons = new Array<RejectionReason>(rejected).fill('invalid_number');
  return { page, rows, rejected: reasons, repeats: 0 };
}

/** Pages 0, 1 and so on. */
export function listedPages(...pages: number[][]): ListedPage[] {
  return pages.map((starts, page) => listedPage(page, starts));
}
