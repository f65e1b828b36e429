// The programs of Debian's package `prometheus` that some tests need. Where they are missing these tests are
// skipped, but in CI they fail: there a test that did not run must not look like one that passed.
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';
import { prometheusMend, requirePrometheus } from './installed-prometheus.ts';

const skipped = prometheusMend !== undefined && !process.env.CI;

if (skipped) process.stderr.write(`Skipping the tests that need a real Prometheus: ${prometheusMend}\n`);

export const itWithPrometheus = it.skipIf(skipped);
export const describeWithPrometheus = describe.skipIf(skipped);

/** What `promtool check metrics` has to say about an exposition; empty when it accepts it. */
export function promtoolComplaints(exposition: string): string {
  requirePrometheus();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: exposition,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}${status === 0 ? '' : `promtool ended with ${String(status)}`}`;
}
