// Keeps a state of many records in a file, and watches its own event loop meanwhile.
import { StateFile } from '../../../src/state/state-file.ts';
import { longestHold, type Hold } from '../event-loop-probe.ts';
import { announce, answerQuestions } from './answering.ts';

export interface StateKeeperOptions {
  readonly file: string;
  /** Of about 200 bytes each. */
  readonly records: number;
}

export interface WatchedTask {
  readonly hold: Hold;
  readonly milliseconds: number;
}

/** Answers to `write` and `read` with how long it took and the longest hold of the event loop in it. */
export async function run({ file, records }: StateKeeperOptions): Promise<void> {
  const state = await StateFile.open(file, { now: () => Date.now() / 1000, log: console });
  const watched = async (task: () => Promise<unknown>): Promise<WatchedTask> => {
    globalThis.gc?.();
    const start = performance.now();
    let milliseconds = 0;
    const hold = await longestHold(async () => {
      await task();
      milliseconds = performance.now() - start;
    });
    return { hold, milliseconds };
  };
  answerQuestions({
    write: () => watched(() => state.write(sessions(records))),
    read: () =>
      watched(async () => {
        const read = await state.read();
        if (read?.records.length !== records) throw new Error('The state was not read back');
      }),
  });
  // It is asked by its parent, not over the network.
  announce(1);
}

function* sessions(count: number) {
  for (let id = 0; id < count; id += 1) {
    yield {
      project: 'production',
      session: `RM_${id.toString(36).padStart(12, 'x')}`,
      room: `room-${id % 10_000}`,
      started: 1_795_305_600 + id,
      ended: null,
      bandwidth_in: id * 1_000_003,
      bandwidth_out: id * 7_000_003,
      participants: id % 40,
    };
  }
}
