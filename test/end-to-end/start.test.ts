// The built program is loaded with the code that V8 compiled when it was built, and without it where it does not fit.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** What --version prints, and whether V8 refused the compiled code: undefined where there was none. */
function start(dist: string, flags: readonly string[] = []) {
  const run = `
    const { script } = require(${JSON.stringify(resolve(dist, 'main.js'))});
    process.once('exit', () => console.log(JSON.stringify({ refused: script.cachedDataRejected })));`;
  const args = [...flags, '-e', run, 'main.js', '--version'];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8', env: {} }).trimEnd().split('\n');
  const { refused } = JSON.parse(lines.pop() ?? '') as { refused?: boolean };
  return { refused, version: lines.join('\n') };
}

const version = expect.stringMatching(/^livekit-cloud-exporter \S+ \(.+\)$/) as string;

test('runs the code compiled at the build', () => {
  expect(start('dist')).toEqual({ refused: false, version });
});

test('compiles anew under flags for V8 that the code was not compiled for', () => {
  expect(start('dist', ['--stack-size=900'])).toEqual({ refused: true, version });
});

test('compiles anew where another Node or another machine would look for its own code', () => {
  const copy = mkdtempSync(join(tmpdir(), 'exporter-start-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync('dist', copy, { recursive: true });
  const caches = readdirSync(copy).filter((file) => file.endsWith('.cache'));
  expect(caches).toHaveLength(1);
  for (const cache of caches) rmSync(join(copy, cache));
  expect(start(copy)).toEqual({ refused: undefined, version });
});
