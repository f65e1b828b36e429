// Builds the program once before the tests: the end-to-end tests run what users run.
import { execFileSync } from 'node:child_process';

export function setup(): void {
  execFileSync(process.execPath, ['build.js'], { stdio: 'inherit' });
}
