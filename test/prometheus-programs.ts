// The programs of Debian's package `prometheus` that some tests need. Where they are missing these tests are
// skipped, but in CI they fail: there a test that did not run must not look like one that passed.
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

const missing = ['prometheus', 'promtool'].filter((program) => spawnSync(program, ['--version']).error);
const mend = `${missing.join(' and ')} not found; install the Debian package prometheus (apt-get install prometheus)`;
const skipped = missing.length > 0 && !process.env.CI;

if (skipped) process.stderr.write(`Skipping the tests that need a real Prometheus: ${mend}\n`);

export const itWithPrometheus = it.skipIf(skipped);
export const describeWithPrometheus = describe.skipIf(skipped);

/** Throws an Error that says what to install. */
export function requirePrometheus(): void {
  if (missing.length > 0) throw new Error(mend);
}

/** What `promtool check metrics` has to say about an exposition; empty when it accepts it. */
export function promtoolComplaints(exposition: string): string {
  requirePrometheus();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: exposition,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}${status === 0 ? '' : `promtool ended with ${String(status)}`}`;
}
