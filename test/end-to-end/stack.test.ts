// A defect's stack in the log leads to our sources, although the program is a bundle.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Breaks the clock before the program loads, which no program survives. */
const brokenClock = 'data:text/javascript,Date.now=()=>{throw new Error("the clock is broken")}';

test('names file and line of src when a defect stops the program', () => {
  const args = ['--import', brokenClock, 'dist/main.js', 'demo', '--web.listen-address=127.0.0.1:0'];
  const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
  expect(status).toBe(1);
  expect(stderr).toMatch(/src\/\S+\.ts:\d+:\d+/);
  expect(stderr).not.toMatch(/node_modules/);
});
