// How far the reading of a project's session details is, in words.
import { fact } from './facts.ts';
import { html, type Html } from './html.ts';
import { countOf } from './moments.ts';
import { countInWords, durationInWords } from './quantities.ts';
import type { DetailsStatus } from './status.ts';

/** Seconds; a session that waits for longer makes connection time late. The board for Grafana turns yellow here, too. */
const behindAfter = 600;

export function detailsFact(details: DetailsStatus, now: number): Html {
  return fact('Session details', html`${state(details, now)} <small>${notes(details).join(', ')}</small>`);
}

function state({ isRead, oldestReading }: DetailsStatus, now: number): string {
  if (!isRead) return 'not read yet';
  if (oldestReading === undefined) return 'no session is active';
  const age = Math.max(0, Math.round(now - oldestReading));
  return age > behindAfter
    ? `behind by ${durationInWords(age)}`
    : `all read within the last ${durationInWords(age)}`;
}

function notes({ waiting, dropped }: DetailsStatus): string[] {
  const reasons = dropped.map(({ reason, sessions }) => `${countInWords(sessions)} for ${reason}`);
  const total = dropped.reduce((sum, { sessions }) => sum + sessions, 0);
  return [
    `${countOf(waiting, 'session')} to be read`,
    total > 0 ? `${countInWords(total)} given up since the start (${reasons.join(', ')})` : 'none given up',
  ];
}
