// `npm run accuracy`: a trial of several minutes with thousands of sessions and everything that can go wrong on
// the way. Flags behind `--` are the exporter's.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { incidents } from './incidents.ts';
import { report } from './report.ts';
import { Trial } from './trial.ts';
import { isExact, isNear } from './verdict.ts';

/** Of both projects; with it the trial has a thousand sessions a minute. */
const activeRooms = 800;

main().then(
  (exitCode) => (process.exitCode = exitCode),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);

/** The exit code: 1 when a goal is missed. */
async function main(): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    options: {
      minutes: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
    },
    allowPositionals: true,
  });
  const seconds = Number(values.minutes) * 60;
  if (!(seconds > 0)) throw new RangeError(`--minutes: ${values.minutes} is not a number above 0`);
  const load = { seed: Number(values.seed), activeRooms, beforeMidnight: seconds / 2 };
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

  progress('Waiting for the first poll and the first scrape of it');
  const trial = await Trial.start({ load, flags: positionals, months: true });
  try {
    trial.clock.letGo();
    const began = performance.now();
    const until = async (share: number): Promise<void> => {
      const elapsed = performance.now() - began;
      await sleep(Math.max(0, share * seconds * 1000 - elapsed), undefined, { signal: interrupted.signal });
    };
    for (const { at, what, happen } of incidents) {
      await until(at);
      progress(`${(at * seconds).toFixed(0)} s: ${what}`);
      await happen(trial);
    }
    await until(1);
    progress('All sessions end; waiting until nothing changes any more');
    await trial.settle();
    const { figures } = trial;
    process.stdout.write(`\n${report(await trial.conditions(), figures)}`);
    return figures.every((figure) => isExact(figure) && isNear(figure)) ? 0 : 1;
  } finally {
    await trial.close();
  }
}

function progress(what: string): void {
  process.stderr.write(`${what}\n`);
}
