// Reads what the API still lists of a project's past: the session list of the whole window, once, and if wanted the details
// of each session. Keeps what it has read in files, so that an interrupted reading can continue.
import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { lateListingSeconds } from '../core/ledger.ts';
import type { SessionDetails } from '../core/session-details.ts';
import type { SessionRow } from '../core/session-row.ts';
import { asSourceError } from '../core/source-error.ts';
import { settleSeconds } from '../core/watched-sessions.ts';
import type { AnalyticsSource } from '../livekit/list/analytics-source.ts';
import { unixSeconds } from '../lib/time.ts';
import { daySeconds } from '../livekit/wire/wire.ts';

interface PastReaderOptions {
  readonly source: AnalyticsSource;
  /** Where it keeps what it has read: the path of a file without its ending. */
  readonly path: string;
  /** The start of the first day that is read, Unix seconds. */
  readonly from: number;
  /** Of how many sessions the details are read at a time; 0: none are. */
  readonly detailsAtATime: number;
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

export function openPastReader({ source, path, from, detailsAtATime }: PastReaderOptions) {
  const sessions = new Map<string, SessionRow>();
  /** The sessions that can have changed since they were read. */
  const unsettled = new Map<string, { readonly row: SessionRow; readonly readAt: number }>();
  const keptParts = openJsonLines<KeptPart>(`${path}.sessions`);
  const keptDetails = openJsonLines<KeptDetails>(`${path}.details`);
  const known = new Map<string, { readonly isFinal: boolean; readonly kept: () => KeptDetails }>();
  let readTo = -Infinity;
  /** `share`: how much of it was read, from 0 to 1. */
  let progress = { what: 'Listing sessions', share: 0 };

  /** In order of start. */
  function rows(): readonly SessionRow[] {
    const listed = [...sessions.values()].filter(({ createdAt }) => createdAt >= from);
    return listed.sort((a, b) => a.createdAt - b.createdAt);
  }

  async function resume(): Promise<void> {
    let listedFrom = Infinity;
    for (const [part] of keptParts.stored()) {
      take(part);
      listedFrom = part.listedFrom;
    }
    for (const [{ sessionId, isFinal }, kept] of keptDetails.stored())
      known.set(sessionId, { isFinal, kept });
    if (sessions.size > 0) await source.sessions.resume([...sessions.values()], listedFrom);
  }

  /** Reads on for about `interval` seconds of the budget, and `changed` again; returns whether all of the window was read. */
  async function list(
    interval: number,
    changed: readonly { readonly row: SessionRow; readonly readAt: number }[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const again = changed.map(({ row: { sessionId, createdAt, endedAt }, readAt }) => {
      return { sessionId, readAt, createdAt, isOpen: endedAt === 0 };
    });
    const startedAt = unixSeconds();
    const starts = [startedAt, ...again.map(({ createdAt }) => createdAt)];
    const needs = {
      sessions: again,
      newFrom: readTo - lateListingSeconds,
      unsettledDays: new Set(starts.map((start) => Math.floor(start / daySeconds))),
      windowStart: from,
    };
    const onPage = (page: { readonly rows: readonly SessionRow[] }): void => {
      const oldest = page.rows.reduce((least, { createdAt }) => Math.min(least, createdAt), startedAt);
      const share = Math.min(1, (startedAt - oldest) / (startedAt - from));
      progress = { what: 'Listing sessions', share: Math.max(progress.share, share) };
    };
    let isComplete = false;
    for await (const part of source.sessions.read({ needs, interval, signal, onPage })) {
      const read = part.pages.flatMap((page) => page.rows);
      const kept = { readAt: part.startedAt, listedFrom: part.listedFrom, rows: read };
      keptParts.add(kept);
      take(kept);
      isComplete = part.windowComplete;
    }
    return isComplete;
  }

  function take({ rows: read, readAt }: KeptPart): void {
    for (const row of read) {
      sessions.set(row.sessionId, row);
      if (row.endedAt === 0 || readAt - row.endedAt < settleSeconds)
        unsettled.set(row.sessionId, { row, readAt });
      else unsettled.delete(row.sessionId);
    }
    readTo = Math.max(readTo, readAt);
  }

  /** Reads the details of these sessions that are not known yet. */
  async function readDetails(wanted: (row: SessionRow) => boolean, signal: AbortSignal): Promise<void> {
    const unknown = rows().filter((row) => !known.get(row.sessionId)?.isFinal && wanted(row));
    const queue = unknown.entries();
    let failures = 0;
    const readInTurn = async (): Promise<void> => {
      for (const [done, { sessionId }] of queue) {
        progress = { what: 'Reading session details', share: done / unknown.length };
        try {
          await readOne(sessionId, signal);
          failures = 0;
        } catch (error) {
          if (signal.aborted || ++failures >= failuresInARow) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: detailsAtATime }, readInTurn));
  }

  async function readOne(sessionId: string, signal: AbortSignal): Promise<void> {
    const isFinal = !unsettled.has(sessionId);
    let read: SessionDetails | null = null;
    try {
      ({ details: read } = await source.detailsInTurn.read(sessionId, signal));
    } catch (error) {
      const { reason } = asSourceError(error);
      if (reason !== 'not_found' && reason !== 'schema') throw error;
    }
    known.set(sessionId, { isFinal, kept: keptDetails.add({ sessionId, isFinal, details: read }) });
  }

  return {
    rows,
    progress: () => progress,
    /** Everything until then was read, Unix seconds. */
    readTo: () => readTo,
    details: (sessionId: string): SessionDetails | undefined =>
      known.get(sessionId)?.kept().details ?? undefined,
    /** Rejected with a SourceError, or with the signal's reason. */
    read: async (signal: AbortSignal): Promise<void> => {
      await resume();
      while (!(await list(partSeconds, [], signal)));
      await readDetails(({ sessionId }) => !unsettled.has(sessionId), signal);
      await list(lastReadingSeconds, [...unsettled.values()], signal);
      await readDetails(() => true, signal);
    },
    close: (): void => {
      keptParts.close();
      keptDetails.close();
    },
  };
}

/** A file of JSON values, one per line. `stored` is to be gone through first: it drops an incomplete last line. */
function openJsonLines<Value>(path: string) {
  const file = openSync(path, 'a+', 0o600);
  let fileEnd = 0;
  /** What reads the next line, of so many bytes, from the file. */
  const readerOf = (length: number): (() => Value) => {
    const offset = fileEnd;
    fileEnd += length;
    return () => {
      const bytes = Buffer.alloc(length);
      readSync(file, bytes, 0, length, offset);
      return JSON.parse(bytes.toString()) as Value;
    };
  };
  return {
    *stored(): Generator<readonly [Value, () => Value]> {
      const bytes = readFileSync(path);
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, fileEnd)) {
        const value = JSON.parse(bytes.toString('utf8', fileEnd, end)) as Value;
        yield [value, readerOf(end + 1 - fileEnd)];
      }
      ftruncateSync(file, fileEnd);
    },
    /** Returns what reads it again. */
    add: (value: Value): (() => Value) => {
      const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
      writeFileSync(file, bytes);
      return readerOf(bytes.length);
    },
    close: (): void => closeSync(file),
  };
}
