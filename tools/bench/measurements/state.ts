// The longest time that writing and reading a large state hold the event loop.
import { longestOf } from '../event-loop-probe.ts';
import type { Lab } from '../lab.ts';
import { factor, milliseconds, type Line, type Measurement } from '../measurement.ts';
import type { WatchedTask } from '../roles/state-keeper.ts';
import { median } from '../statistics.ts';

const sessions = 50_000;
const limit = 10;

export async function state(lab: Lab): Promise<Measurement> {
  const keeper = await lab.startRole('state-keeper', { folder: lab.folder('state'), sessions });
  const writes: WatchedTask[] = [];
  const reads: WatchedTask[] = [];

  return {
    rounds: 8,
    round: async () => {
      writes.push(await keeper.ask<WatchedTask>('write'));
      reads.push(await keeper.ask<WatchedTask>('read'));
    },
    lines: () => [
      taskLine(`event loop held, writing ${sessions} sessions`, writes),
      taskLine(`event loop held, reading ${sessions} sessions`, reads),
    ],
  };
}

function taskLine(what: string, tasks: readonly WatchedTask[]): Line {
  const { busy, lasted, collecting } = longestOf(tasks.map(({ hold }) => hold));
  const whole = median(tasks.map((task) => task.milliseconds));
  return {
    what,
    ours: milliseconds(busy),
    beside: `by the clock ${milliseconds(lasted)}, of it garbage collection ${milliseconds(collecting)}; all of it takes ${milliseconds(whole)}`,
    comparison: factor(busy / limit),
    goal: { text: `<= ${milliseconds(limit)}`, met: busy <= limit },
  };
}
