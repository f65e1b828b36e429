// Replays the past of projects through the ledger and the exposition that the exporter has, step by step: what comes of it
// is what the exporter would have published, had it polled all along.
import type { DetailsResult } from '../core/details-ledger.ts';
import type { FamilyValues } from '../core/family.ts';
import { Ledger, type LedgerRules } from '../core/ledger.ts';
import type { LedgerState, RoomState } from '../core/ledger-state.ts';
import type { Plan } from '../core/plan.ts';
import { type DetailsTarget, type SessionDetails, summarizeDetails } from '../core/session-details.ts';
import type { SessionRow } from '../core/session-row.ts';
import { Exposition, type ProjectExposition } from '../exposition/exposition.ts';
import { runInSlices } from '../lib/slices.ts';
import { PastSession } from './past-session.ts';

/** What is known of the past of one project. */
export interface ProjectPast {
  /** Value of the label `project`. */
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

/** What was to be scraped at a time, Unix seconds. */
export interface Scrape {
  readonly time: number;
  readonly families: Iterable<FamilyValues>;
}

/** Who is shown the past: one that misses nothing. */
const scraper = { address: '', agent: 'history', connection: { destroyed: false }, isOne: true } as const;

/** Only values are wanted, no text. */
const renderer = { render: () => Promise.resolve([]), renderCounters: () => Promise.resolve([]) };

/** The ledger reads sessions for so long after their end. */
const settlingSeconds = 900;

/** Details are read for longer. */
const detailsSettlingSeconds = 3600;

export class Replay {
  readonly #span: Span;
  #time: number;
  /** Nothing is published about the exporter: it was not there. */
  readonly #exposition = new Exposition({ values: () => Promise.resolve([]) }, () => this.#time * 1000);
  readonly #projects: ProjectReplay[] = [];

  private constructor(span: Span) {
    this.#span = span;
    this.#time = span.from;
  }

  static async open(pasts: readonly ProjectPast[], span: Span): Promise<Replay> {
    const replay = new Replay(span);
    for (const past of pasts) replay.#projects.push(await ProjectReplay.open(past, span, replay.#exposition));
    return replay;
  }

  async *scrapes(): AsyncGenerator<Scrape> {
    const { from, until, step } = this.#span;
    for (let time = from; ; time = Math.min(time + step, until)) {
      this.#time = time;
      for (const project of this.#projects) await project.poll(time);
      const { families, receivedBy } = await this.#exposition.values();
      yield { time, families };
      await receivedBy(scraper);
      if (time === until) return;
    }
  }

  /** What the counters of each project go on from, after the last scrape. */
  states(): Promise<LedgerState[]> {
    return Promise.all(this.#projects.map((project) => project.state()));
  }
}

class ProjectReplay {
  readonly #past: ProjectPast;
  readonly #span: Span;
  readonly #ledger: Ledger;
  readonly #publication: ProjectExposition;
  /** How many of the rows have started. */
  #started = 0;
  /** Those that have started and can still change, or whose details can. */
  #sessions = new Map<string, PastSession>();
  #targets: readonly DetailsTarget[] = [];

  private constructor(past: ProjectPast, span: Span, ledger: Ledger, publication: ProjectExposition) {
    this.#past = past;
    this.#span = span;
    this.#ledger = ledger;
    this.#publication = publication;
  }

  static async open(past: ProjectPast, span: Span, exposition: Exposition): Promise<ProjectReplay> {
    const ledger = new Ledger(past.rules, span.from);
    const publication = await exposition.openProject(past.name, ledger.initialSnapshot(), {
      renderer,
      plan: past.plan,
    });
    publication.add();
    return new ProjectReplay(past, span, ledger, publication);
  }

  async poll(time: number): Promise<void> {
    const isLast = time === this.#span.until;
    // What the first poll finds was there before, and would not count.
    if (time > this.#span.from) this.#begin(isLast ? Infinity : time);
    const ongoing = [...this.#sessions.values()].filter(({ endsAt }) => time < endsAt + settlingSeconds);
    // At the end all is as it was listed.
    const rows = ongoing.map((session) => session.rowAt(isLast ? Infinity : time));
    await this.#advance(time, rows);
    if (isLast) await this.#advance(time, []);
    for (const [id, { endsAt }] of this.#sessions)
      if (time > endsAt + settlingSeconds + detailsSettlingSeconds) this.#sessions.delete(id);
  }

  async state(): Promise<LedgerState> {
    const state = await runInSlices(this.#ledger.state());
    if (!state) throw new Error('Nothing was replayed.');
    return { ...state, shownRooms: publishedOf(state.rooms), shownGroups: publishedOf(state.groups?.rooms) };
  }

  /** Sessions start up to a time. */
  #begin(time: number): void {
    const { rows, details } = this.#past;
    for (let row = rows[this.#started]; row && row.createdAt <= time; row = rows[++this.#started])
      this.#sessions.set(row.sessionId, new PastSession(row, this.#span.until, details(row.sessionId)));
  }

  async #advance(time: number, rows: readonly SessionRow[]): Promise<void> {
    const { rules } = this.#past;
    const pages = [{ rows, rejected: [], readAt: time, time }];
    const part = { startedAt: time, coveredFrom: Infinity, pages };
    const results = this.#targets.map((target) => this.#readDetails(target, time));
    const isSeen = (room: string): boolean => this.#publication.isSeen(room);
    const details = { results, mostWaiting: Infinity };
    const isGroupSeen = (group: string): boolean => this.#publication.isGroupSeen(group);
    const options = { isSeen, isGroupSeen, ...(rules.details && { details }) };
    const snapshot = await runInSlices(this.#ledger.advance(part, time, options));
    this.#targets = this.#ledger.detailsTargets(Infinity);
    await this.#publication.publish(snapshot);
  }

  #readDetails(target: DetailsTarget, readAt: number): DetailsResult {
    const details = this.#sessions.get(target.sessionId)?.detailsAt(readAt);
    if (!details) return { target, readAt, outcome: 'not_found' };
    const summary = summarizeDetails(details, target, readAt);
    for (;;) {
      const step = summary.next();
      if (step.done) return { target, readAt, outcome: step.value };
    }
  }
}

function publishedOf(rooms: readonly RoomState[] = []): string[] {
  return rooms.flatMap(({ name, published }) => (published ? name : []));
}
