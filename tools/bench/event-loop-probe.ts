// Finds the longest time that the event loop was held between two of its turns, and what held it.
import { closeSync, openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** One hold of the event loop. All in milliseconds. */
export interface Hold {
  /** Processor time of the thread: how long it would have lasted on a machine that does nothing else. */
  readonly busy: number;
  /** By the clock. */
  readonly lasted: number;
  /** Of that, garbage collection. */
  readonly collecting: number;
}

interface Turn {
  readonly start: number;
  readonly end: number;
  readonly busy: number;
}

/** Shorter holds are of no interest. */
const leastMilliseconds = 1;

/** Watches the event loop of this process while `work` is done; costs the loop all its idle time. */
export async function longestHold(work: () => Promise<unknown>): Promise<Hold> {
  const collections: { readonly start: number; readonly end: number }[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      collections.push({ start: startTime, end: startTime + duration });
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const turns = await watch(work);
  // Collections are reported some turns after they happened.
  await new Promise((resolve) => setTimeout(resolve, 50));
  observer.disconnect();

  const holds = turns.map(({ start, end, busy }) => ({
    busy,
    lasted: end - start,
    collecting: collections.reduce(
      (total, gc) => total + Math.max(0, Math.min(end, gc.end) - Math.max(start, gc.start)),
      0,
    ),
  }));
  return longestOf(holds);
}

/** The hold that was busy longest. */
export function longestOf(holds: readonly Hold[]): Hold {
  return holds.reduce((longest, hold) => (hold.busy > longest.busy ? hold : longest), noHold);
}

const noHold: Hold = { busy: 0, lasted: 0, collecting: 0 };

async function watch(work: () => Promise<unknown>): Promise<Turn[]> {
  const turns: Turn[] = [];
  const schedule = openSync('/proc/self/schedstat', 'r');
  let working = true;
  let start = performance.now();
  let busyBefore = busyMilliseconds(schedule);
  const turn = () => {
    const end = performance.now();
    const busy = busyMilliseconds(schedule);
    if (end - start > leastMilliseconds) turns.push({ start, end, busy: busy - busyBefore });
    busyBefore = busy;
    start = performance.now();
    if (working) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  working = false;
  await new Promise((resolve) => setImmediate(resolve));
  closeSync(schedule);
  return turns;
}

const scheduleText = Buffer.alloc(100);

/** Processor time of the main thread so far: the first number of schedstat, in nanoseconds. */
function busyMilliseconds(schedule: number): number {
  // The kernel counts the running slice in schedstat only when something makes it: getrusage does.
  process.cpuUsage();
  const length = readSync(schedule, scheduleText, 0, scheduleText.length, 0);
  return parseInt(scheduleText.toString('latin1', 0, length)) / 1e6;
}
