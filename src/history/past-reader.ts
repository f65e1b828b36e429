// Reads what the API still lists of a project's past: the session list of the whole window, once, and if wanted the details
// of each session. Keeps what it has read in files, so that an interrupted reading can continue.
import { lateListingSeconds } from '../core/ledger.ts';
import type { SessionDetails } from '../core/session-details.ts';
import type { SessionRow } from '../core/session-row.ts';
import { asSourceError } from '../core/source-error.ts';
import { settleSeconds } from '../core/watched-sessions.ts';
import type { AnalyticsSource } from '../livekit/list/analytics-source.ts';
import { daySeconds } from '../livekit/wire/wire.ts';
import { JsonLines, type Line } from './json-lines.ts';

export interface PastReaderOptions {
  readonly source: AnalyticsSource;
  /** Where it keeps what it has read: the path of a file without its ending. */
  readonly path: string;
  /** The start of the first day that is read, Unix seconds. */
  readonly from: number;
  /** Whether the details of sessions are read, and how many at a time. */
  readonly details: boolean;
  readonly concurrency: number;
  /** Unix seconds. */
  readonly now: () => number;
}

export interface PastProgress {
  readonly what: string;
  /** Of what is being read, from 0 to 1. */
  readonly share: number;
}

/** A part of the list as it is kept. Times are Unix seconds. */
interface KeptPart {
  readonly readAt: number;
  /** All sessions that started from here on have been listed. */
  readonly listedFrom: number;
  readonly rows: readonly SessionRow[];
}

interface KeptDetails {
  readonly sessionId: string;
  /** Null where the API knows nothing of the session. */
  readonly details: SessionDetails | null;
  /** Whether they stay as they are. */
  readonly isFinal: boolean;
}

/** Seconds of the request budget that are spent before what was read is saved. */
const partSeconds = 30;

/** The budget must not cut short the last reading, of what can have changed meanwhile. */
const lastReadingSeconds = 3600;

/** After this many failures in a row the cause is not a single session. */
const failuresInARow = 5;

export class PastReader {
  readonly #options: PastReaderOptions;
  readonly #rows = new Map<string, SessionRow>();
  /** When those sessions were read that can have changed since. */
  readonly #unsettled = new Map<string, number>();
  readonly #keptParts: JsonLines<KeptPart>;
  readonly #keptDetails: JsonLines<KeptDetails>;
  readonly #details = new Map<string, { readonly line: Line; readonly isFinal: boolean }>();
  /** Everything until then was read, Unix seconds. */
  readTo = -Infinity;
  progress: PastProgress = { what: 'Listing sessions', share: 0 };

  constructor(options: PastReaderOptions) {
    this.#options = options;
    this.#keptParts = new JsonLines(`${options.path}.sessions`);
    this.#keptDetails = new JsonLines(`${options.path}.details`);
  }

  /** In order of start. */
  get rows(): readonly SessionRow[] {
    const rows = [...this.#rows.values()].filter(({ createdAt }) => createdAt >= this.#options.from);
    return rows.sort((a, b) => a.createdAt - b.createdAt);
  }

  details(sessionId: string): SessionDetails | undefined {
    const known = this.#details.get(sessionId);
    return (known && this.#keptDetails.at(known.line).details) ?? undefined;
  }

  /** Rejected with a SourceError, or with the signal's reason. */
  async read(signal: AbortSignal): Promise<void> {
    await this.#resume();
    while (!(await this.#list(partSeconds, [], signal)));
    await this.#readDetails(({ sessionId }) => !this.#unsettled.has(sessionId), signal);
    await this.#list(lastReadingSeconds, [...this.#unsettled], signal);
    await this.#readDetails(() => true, signal);
  }

  close(): void {
    this.#keptParts.close();
    this.#keptDetails.close();
  }

  async #resume(): Promise<void> {
    let listedFrom = Infinity;
    for (const [part] of this.#keptParts.stored()) {
      this.#take(part);
      listedFrom = part.listedFrom;
    }
    for (const [{ sessionId, isFinal }, line] of this.#keptDetails.stored())
      this.#details.set(sessionId, { line, isFinal });
    if (this.#rows.size > 0) await this.#options.source.sessions.resume([...this.#rows.values()], listedFrom);
  }

  /** Reads on for about `interval` seconds of the budget, and `changed` again; returns whether all of the window was read. */
  async #list(
    interval: number,
    changed: readonly (readonly [sessionId: string, readAt: number])[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { source, from, now } = this.#options;
    const sessions = changed.flatMap(([sessionId, readAt]) => {
      const row = this.#rows.get(sessionId);
      return row ? { sessionId, readAt, createdAt: row.createdAt, isOpen: row.endedAt === 0 } : [];
    });
    const starts = [now(), ...sessions.map(({ createdAt }) => createdAt)];
    const needs = {
      sessions,
      newFrom: this.readTo - lateListingSeconds,
      unsettledDays: new Set(starts.map((start) => Math.floor(start / daySeconds))),
      windowStart: from,
    };
    const startedAt = now();
    const onPage = ({ rows }: { readonly rows: readonly SessionRow[] }): void => {
      const oldest = rows.reduce((least, { createdAt }) => Math.min(least, createdAt), startedAt);
      const share = Math.min(1, (startedAt - oldest) / (startedAt - from));
      this.progress = { what: 'Listing sessions', share: Math.max(this.progress.share, share) };
    };
    let isComplete = false;
    for await (const part of source.sessions.read({ needs, interval, signal, onPage })) {
      const rows = part.pages.flatMap((page) => page.rows);
      const kept = { readAt: part.startedAt, listedFrom: part.listedFrom, rows };
      this.#keptParts.add(kept);
      this.#take(kept);
      isComplete = part.windowComplete;
    }
    return isComplete;
  }

  #take({ rows, readAt }: KeptPart): void {
    for (const row of rows) {
      this.#rows.set(row.sessionId, row);
      if (row.endedAt === 0 || readAt - row.endedAt < settleSeconds)
        this.#unsettled.set(row.sessionId, readAt);
      else this.#unsettled.delete(row.sessionId);
    }
    this.readTo = Math.max(this.readTo, readAt);
  }

  /** Reads the details of these sessions that are not known yet. */
  async #readDetails(wanted: (row: SessionRow) => boolean, signal: AbortSignal): Promise<void> {
    const { details, concurrency } = this.#options;
    const unknown = this.rows.filter((row) => !this.#details.get(row.sessionId)?.isFinal && wanted(row));
    const queue = unknown.entries();
    let failures = 0;
    const readInTurn = async (): Promise<void> => {
      for (const [done, { sessionId }] of queue) {
        this.progress = { what: 'Reading session details', share: done / unknown.length };
        try {
          await this.#readOne(sessionId, signal);
          failures = 0;
        } catch (error) {
          if (signal.aborted || ++failures >= failuresInARow) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: details ? concurrency : 0 }, readInTurn));
  }

  async #readOne(sessionId: string, signal: AbortSignal): Promise<void> {
    const { source } = this.#options;
    const isFinal = !this.#unsettled.has(sessionId);
    let details: SessionDetails | null = null;
    try {
      ({ details } = await source.detailsInTurn.read(sessionId, signal));
    } catch (error) {
      const { reason } = asSourceError(error);
      if (reason !== 'not_found' && reason !== 'schema') throw error;
    }
    this.#details.set(sessionId, { isFinal, line: this.#keptDetails.add({ sessionId, isFinal, details }) });
  }
}
