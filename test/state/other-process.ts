// What the tests let another process do with a state file. It says each step on a line of its own and does what
// comes next in the file whose path it was given.
import { StateFile, type StateRecord } from '../../src/state/state-file.ts';

const [task = '', path = ''] = process.argv.slice(2);

/** Records that say which version they belong to, some 100 bytes each. */
function* version(number: number, count: number): Generator<StateRecord> {
  for (let id = 0; id < count; id += 1) yield { version: number, id, text: 'x'.repeat(70) };
}

function* thenStop(records: Iterable<StateRecord>): Generator<StateRecord> {
  yield* records;
  say('half way');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const tasks: Readonly<Record<string, (file: StateFile) => Promise<void>>> = {
  /** Holds the file until it is killed. */
  hold: async (file) => {
    setInterval(() => file, 1000);
  },
  /** Leaves without giving anything back. */
  'just end': async () => undefined,
  /** Writes one version, then half of the next. */
  'write one and a half': async (file) => {
    await file.write(version(1, 5000));
    await file.write(thenStop(version(2, 5000)));
  },
  /** Writes version after version until it is killed. */
  'write on and on': async (file) => {
    for (let number = 1; ; number += 1) {
      await file.write(version(number, 3000));
      say(`wrote ${number}`);
    }
  },
  /** Writes a small version, then a large one, and says what came of it. */
  'outgrow the disk': async (file) => {
    for (const count of [10, 10_000]) await file.write(version(count, count)).catch(complain);
    const read = await file.read();
    say(`read ${String(read?.records.length)}`);
    await file.close();
  },
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(error: unknown): void {
  say(String(error));
}

const log = (message: string) => say(`log: ${message}`);

StateFile.open(path, { now: () => Date.now() / 1000, log: { info: log, error: log } })
  .then(async (file) => {
    say('open');
    await tasks[task]?.(file);
  })
  .catch(complain);
