// A defect's stack in the log leads to our sources, although the program is a bundle.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** No server can listen, for a reason that is none of the system's. */
const brokenServers =
  'data:text/javascript,import net from "node:net";net.Server.prototype.listen=()=>{throw new Error("broken")}';

test('names file and line of src when a defect stops the program', () => {
  const args = ['--import', brokenServers, 'dist/main.js', 'demo', '--web.listen-address=127.0.0.1:0'];
  const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
  expect(status).toBe(1);
  expect(stderr).toMatch(/at startSimulator \(\S+src\/simulator\/server\.ts:\d+:\d+\)/);
  expect(stderr).not.toMatch(/node_modules/);
});
