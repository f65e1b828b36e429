// Keeps a large state of one project in a folder, and watches its own event loop meanwhile.
import { openStateFolder } from '../../../src/state/state-folder.ts';
import { longestHold, type Hold } from '../event-loop-probe.ts';
import { announce, answerQuestions } from './answering.ts';

export interface StateKeeperOptions {
  readonly folder: string;
  /** Of about 300 bytes each. */
  readonly sessions: number;
}

export interface WatchedTask {
  readonly hold: Hold;
  readonly milliseconds: number;
}

/** Answers to `write` and `read` with how long it took and the longest hold of the event loop in it. */
export async function run({ folder, sessions }: StateKeeperOptions): Promise<void> {
  const store = await openStateFolder(folder, { now: () => Date.now() / 1000, log: console });
  const state = store.open('project').list;
  const content = { sessions: Array.from({ length: sessions }, (_, id) => session(id)) };
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
    write: () => watched(() => state.save(content)),
    read: () =>
      watched(async () => {
        const read = await state.load();
        if ((read?.content['sessions'] as unknown[]).length !== sessions)
          throw new Error('The state was not read back');
      }),
  });
  // It is asked by its parent, not over the network.
  announce(1);
}

function session(id: number) {
  return {
    row: {
      sessionId: `RM_${id.toString(36).padStart(12, 'x')}`,
      roomName: `room-${id % 10_000}`,
      createdAt: 1_795_305_600 + id,
      lastActive: 1_795_309_200 + id,
      endedAt: 0,
      bandwidthIn: id * 1_000_003,
      bandwidthOut: id * 7_000_003,
      egress: 0,
      participants: id % 40,
    },
    readAt: 1_795_309_200 + id,
    changedAt: 1_795_309_200 + id,
    counted: { bandwidthIn: id * 1_000_003, bandwidthOut: id * 7_000_003, participants: id % 40 },
    ended: false,
  };
}
