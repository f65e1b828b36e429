// The thread of the built program, with bcrypt itself.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { PasswordThread } from '../../src/http/password-thread.ts';
import { temporaryFolder } from '../certificates.ts';
import { eventually } from '../end-to-end/eventually.ts';

const built = resolve('dist/bcrypt-thread.js');
/** Of exporter-toolkit's tests: alice123 at cost 12, carol123 and dave123 at cost 10. */
const alice = '$2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby';
const carol = '$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu';
const dave = '$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq';
const folder = temporaryFolder();

function thread(file = built): PasswordThread {
  const passwords = new PasswordThread(file);
  onTestFinished(() => passwords.close());
  return passwords;
}

test.each([
  ['alice123', alice, true],
  ['alice1234', alice, false],
  ['carol123', carol, true],
  ['dave123', carol, false],
  ['dave123', dave, true],
  ['dave123', dave.replace('$2y', '$2b'), true],
  ['dave123', dave.replace('$2y', '$2a'), true],
  ['', dave, false],
  ['fakepassword', '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi', true],
])('compares %s with %s: %s', async (password, hash, want) => {
  expect(await thread().compare(password, hash)).toBe(want);
});

test('compares one after the other, and goes on after a pause', async () => {
  const passwords = thread();
  const ended: string[] = [];
  const compare = async (password: string, hash: string) => {
    expect(await passwords.compare(password, hash)).toBe(true);
    ended.push(password);
  };
  // The first takes four times as long as the others.
  await Promise.all([compare('alice123', alice), compare('dave123', dave), compare('carol123', carol)]);
  expect(ended).toEqual(['alice123', 'dave123', 'carol123']);
  await compare('dave123', dave);
});

test('leaves the event loop free', async () => {
  const verdict = thread().compare('alice123', alice);
  let turns = 0;
  let compared = false;
  void verdict.then(() => (compared = true));
  while (!compared) {
    await new Promise((next) => setImmediate(next));
    turns += 1;
  }
  // Bcrypt in slices of 100 ms would leave a few.
  expect(turns).toBeGreaterThan(100);
});

test('fails where there is no thread, and again the next time', async () => {
  const passwords = thread(resolve('dist/no-such-thread.js'));
  await expect(passwords.compare('dave123', dave)).rejects.toThrow('no-such-thread');
  await expect(passwords.compare('dave123', dave)).rejects.toThrow('no-such-thread');
});

test('leaves no thread behind after one has died', async () => {
  const threads: Worker[] = [];
  const started = (begun: Worker) => threads.push(begun);
  process.on('worker', started);
  onTestFinished(() => void process.off('worker', started));
  const file = join(folder, 'dying-thread.mjs');
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ password }) => {
      if (password === 'deadly') throw new Error('died');
      parentPort.postMessage(true);
    });`,
  );
  const passwords = thread(file);
  const verdicts = ['deadly', 'harmless'].map((password) => passwords.compare(password, dave));
  await expect(verdicts[0]).rejects.toThrow('died');
  expect(await verdicts[1]).toBe(true);
  await eventually(() => expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]));
});
