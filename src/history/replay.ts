// Replays the past of projects step by step through the exporter's own ledger and exposition: the result is what the exporter
// would have published, had it polled all along.
import type { DetailsResult } from '../core/details-ledger.ts';
import type { FamilyValues } from '../core/family.ts';
import { Ledger, type LedgerRules } from '../core/ledger.ts';
import type { LedgerState, RoomState } from '../core/ledger-state.ts';
import type { Plan } from '../core/plan.ts';
import { type DetailsTarget, type SessionDetails, summarizeDetails } from '../core/session-details.ts';
import type { SessionRow } from '../core/session-row.ts';
import { finished } from '../core/steps.ts';
import { settleSeconds } from '../core/watched-sessions.ts';
import { Exposition } from '../exposition/exposition.ts';
import { selfFamilies } from '../exposition/self-families.ts';
import { runInSlices } from '../lib/slices.ts';
import { pastSession } from './past-session.ts';

/** What is known of the past of one project. */
export interface ProjectPast {
  readonly name: string;
  readonly rules: LedgerRules;
  readonly plan: Plan | undefined;
  /** As they were listed last, in order of start. */
  readonly rows: readonly SessionRow[];
  /** Undefined where the details of a session are not known. */
  readonly details: (sessionId: string) => SessionDetails | undefined;
}

/** Unix seconds: from the first step to the last. `step` in seconds. */
export interface Span {
  readonly from: number;
  readonly until: number;
  readonly step: number;
}

/** The scraper of the past, which misses nothing. */
const scraper = { address: '', agent: 'history', connection: { destroyed: false } };

/** Only values are wanted, no text. */
const render = () => Promise.resolve([]);

/**
 * Of the exporter's own metrics only those that say when it polled: the recording rules divide by the time between polls. The
 * exporter did not run, so the others would be made up.
 */
function ofPolls(pasts: readonly ProjectPast[], time: number, polls: number): FamilyValues[] {
  const values = {
    last_poll_timestamp_seconds: time,
    last_successful_poll_timestamp_seconds: time,
    polls_total: polls,
    polls_skipped_total: 0,
  };
  return Object.entries(values).map(([name, value]) => {
    const { type, help } = selfFamilies.list[name as keyof typeof values];
    const samples = pasts.map((past) => ({ labels: { project: past.name }, value, since: undefined }));
    return { name: `livekit_cloud_exporter_${name}`, type, help, samples };
  });
}

/** No two steps are further apart. */
const longestStepSeconds = 300;

/** The ledger reads a session for this long after its end, which it sees up to a step later. */
const readAfterEndSeconds = settleSeconds + longestStepSeconds;

/** Details are read for longer. */
const detailsAfterEndSeconds = 3600;

/** Resolves to what the counters of each project go on from; `scraped` is given what was to be scraped, step by step. */
export async function replay(
  pasts: readonly ProjectPast[],
  span: Span,
  scraped: (time: number, families: Iterable<FamilyValues>) => void,
): Promise<readonly LedgerState[]> {
  const { from, until, step } = span;
  let time = from;
  let polls = 0;
  const own = () => Promise.resolve([ofPolls(pasts, time, polls)]);
  const exposition = new Exposition({ values: own }, () => time * 1000);
  const projects: Awaited<ReturnType<typeof replayProject>>[] = [];
  for (const past of pasts) projects.push(await replayProject(past, span, exposition));
  for (; ; time = Math.min(time + step, until)) {
    for (const project of projects) await project.poll(time);
    polls += 1;
    const { families, receivedBy } = await exposition.values();
    scraped(time, families);
    if (time === until) return Promise.all(projects.map((project) => project.state()));
    await receivedBy(scraper);
  }
}

async function replayProject(past: ProjectPast, { from, until }: Span, exposition: Exposition) {
  const { name, plan, rules, rows, details } = past;
  const ledger = new Ledger(rules, from);
  const publication = await exposition.openProject(name, ledger.initialSnapshot(), { render, plan });
  publication.add();
  /** How many of the rows have started. */
  let started = 0;
  /** Those that have started and can still change, or whose details can. */
  const sessions = new Map<string, ReturnType<typeof pastSession>>();
  let targets: readonly DetailsTarget[] = [];

  async function advance(time: number, read: readonly SessionRow[]): Promise<void> {
    const pages = [{ rows: read, rejected: [], readAt: time, time }];
    const part = { startedAt: time, coveredFrom: Infinity, listedFrom: from, pages };
    const results = targets.map((target): DetailsResult => {
      const known = sessions.get(target.sessionId)?.detailsAt(time);
      const outcome = known ? finished(summarizeDetails(known, target, time)) : 'not_found';
      return { target, readAt: time, outcome };
    });
    const snapshot = await runInSlices(ledger.advance(part, time, { seen: publication, results }));
    targets = ledger.detailsTargets(Infinity);
    await publication.publish(snapshot);
  }

  return {
    poll: async (time: number): Promise<void> => {
      // At the end all is as it was listed.
      const at = time === until ? Infinity : time;
      // What the first poll finds was there before, and would not count.
      for (let row = rows[started]; time > from && row && row.createdAt <= at; row = rows[++started])
        sessions.set(row.sessionId, pastSession(row, until, details(row.sessionId)));
      const read: SessionRow[] = [];
      for (const [id, session] of sessions) {
        if (time < session.endsAt + readAfterEndSeconds) read.push(session.rowAt(at));
        else if (time > session.endsAt + detailsAfterEndSeconds) sessions.delete(id);
      }
      await advance(time, read);
      // The details of this step are counted with the next one.
      if (time === until) await advance(time, []);
    },
    state: async (): Promise<LedgerState> => {
      const state = await runInSlices(ledger.state());
      if (!state) throw new Error('Nothing was replayed.');
      return {
        ...state,
        shownRooms: publishedOf(state.rooms),
        shownGroups: publishedOf(state.groups?.rooms),
      };
    },
  };
}

function publishedOf(rooms: readonly RoomState[] = []): string[] {
  return rooms.flatMap(({ name, published }) => (published ? name : []));
}
