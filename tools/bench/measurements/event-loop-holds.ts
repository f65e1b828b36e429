// The longest time that polls, with all they cause, hold the event loop.
import { type Hold, longestOf } from '../event-loop-probe.ts';
import type { Lab } from '../lab.ts';
import { factor, milliseconds, type Line, type Measurement } from '../measurement.ts';

/** `limit` in milliseconds. */
export async function eventLoopHolds(lab: Lab, rooms: number, limit: number): Promise<Measurement> {
  const pages = await lab.startPages(rooms);
  const exporter = await lab.startPolledExporter(rooms, pages);
  const firstPolls = [await exporter.ask<Hold>('watched poll')];
  const polls: Hold[] = [];
  const idling: Hold[] = [];

  return {
    rounds: 8,
    round: async () => {
      const started = await lab.startPolledExporter(rooms, pages);
      firstPolls.push(await started.ask<Hold>('watched poll'));
      await started.stop();
      polls.push(await exporter.ask<Hold>('watched poll'));
      idling.push(await exporter.ask<Hold>('watched idling'));
    },
    lines: () => {
      return [
        { ...holdLine(`event loop held, ${rooms} rooms`, longestOf(polls), limit), ...goal(polls, limit) },
        {
          ...holdLine(`  in the first polls of ${firstPolls.length} starts`, longestOf(firstPolls), limit),
          ...goal(firstPolls, limit),
        },
        holdLine('  without a poll', longestOf(idling), limit),
      ];
    },
  };
}

function goal(holds: readonly Hold[], limit: number): Pick<Line, 'goal'> {
  return { goal: { text: `<= ${milliseconds(limit)}`, met: longestOf(holds).busy <= limit } };
}

function holdLine(what: string, { busy, lasted, collecting }: Hold, limit: number): Line {
  return {
    what,
    ours: milliseconds(busy),
    beside: `by the clock ${milliseconds(lasted)}, of it garbage collection ${milliseconds(collecting)}`,
    comparison: factor(busy / limit),
  };
}
