// What pollers of all sources share: polling at an interval without overlap, and withdrawing gauges that are too old.
import { sleep } from '../lib/signals.ts';
import type { Log } from './poll-log.ts';

/** Each poll comes early or late by up to this share of the interval, so that exporters do not fall into step. */
const jitterShare = 0.05;

/** The first poll comes up to this late, so that projects and exporters that start together spread out. */
const firstPollWithinSeconds = 0.5;

export interface LoopOptions {
  /** Seconds from one poll's start to the next one's. */
  readonly interval: number;
  /** Seconds after gauges were last read at which they are withdrawn. */
  readonly staleAfter: number;
  readonly log: Log;
  /** Unix seconds: the time of what is read. */
  readonly now: () => number;
  /** Seconds of a clock that is never set. */
  readonly clock: () => number;
  /** From 0 up to 1, as Math.random. */
  readonly random: () => number;
}

interface PollLoop extends Pick<LoopOptions, 'interval' | 'clock' | 'random'> {
  readonly poll: () => Promise<void>;
  /** This many polls were due while the one before still ran. */
  readonly skipped?: (count: number) => void;
  /** The next poll comes in so many seconds. */
  readonly waits?: (seconds: number) => void;
}

export async function runPollLoop(
  { interval, clock, random, poll, skipped, waits }: PollLoop,
  signal: AbortSignal,
): Promise<void> {
  await sleep(firstPollWithinSeconds * random(), signal).catch(() => undefined);
  while (!signal.aborted) {
    let next = clock() + interval * (1 + jitterShare * (2 * random() - 1));
    await poll();
    const late = clock() - next;
    if (late > 0) {
      const count = Math.ceil(late / interval);
      skipped?.(count);
      next += count * interval;
    }
    const wait = next - clock();
    waits?.(wait);
    await sleep(wait, signal).catch(() => undefined);
  }
}

export type Staleness = ReturnType<typeof watchStaleness>;

/** Calls `withdraw` when nothing has been read for `staleAfter` seconds. `now` in Unix seconds. */
export function watchStaleness(staleAfter: number, now: () => number, withdraw: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    /** Something was read at this time (Unix seconds), perhaps by another poller before; undefined: never. */
    readAt(at: number | undefined): void {
      if (at === undefined) return;
      clearTimeout(timer);
      const left = Math.max(0, at + staleAfter - now());
      timer = setTimeout(withdraw, Math.min(staleAfter, left) * 1000).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
