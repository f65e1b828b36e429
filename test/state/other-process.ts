// What the tests let another process do with a state folder. It says each step on a line of its own and does what comes
// next in the folder whose path it was given.
import { openStateFolder } from '../../src/state/state-folder.ts';
import type { StateContent, StateStore, StoredPart } from '../../src/state/state-store.ts';

const [task = '', path = ''] = process.argv.slice(2);

/** A state that says which version it is, some 100 bytes a session. */
function version(number: number, count: number): StateContent {
  const sessions = Array.from({ length: count }, (_, id) => ({ version: number, id, text: 'x'.repeat(70) }));
  return { version: number, sessions };
}

function thenStop({ sessions, ...content }: StateContent): StateContent {
  const toJSON = () => {
    say('half way');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  return { ...content, sessions: [...(sessions as unknown[]), { toJSON }] };
}

const tasks: Readonly<Record<string, (state: StoredPart, store: StateStore) => Promise<void>>> = {
  /** Holds the folder until it is killed. */
  hold: async (state) => {
    setInterval(() => state, 1000);
  },
  /** Leaves without giving anything back. */
  'just end': async () => undefined,
  /** Writes one version, then half of the next. */
  'write one and a half': async (state) => {
    await state.save(version(1, 5000));
    await state.save(thenStop(version(2, 5000)));
  },
  /** Writes version after version until it is killed. */
  'write on and on': async (state) => {
    for (let number = 1; ; number += 1) {
      await state.save(version(number, 3000));
      say(`wrote ${String(number)}`);
    }
  },
  /** Writes a small version, then a large one, and says what came of it. */
  'outgrow the disk': async (state, store) => {
    for (const count of [10, 10_000]) await state.save(version(count, count)).catch(complain);
    const read = await state.load();
    say(`read ${String(read?.content['version'])}`);
    await store.close();
  },
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(error: unknown): void {
  say(String(error));
}

const log = (message: string) => say(`log: ${message}`);

openStateFolder(path, { now: () => Date.now() / 1000, log: { warn: log, error: log } })
  .then(async (store) => {
    say('open');
    await tasks[task]?.(store.open('project').list, store);
  })
  .catch(complain);
