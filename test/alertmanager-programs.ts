// The programs of Debian's package `prometheus-alertmanager` that some tests need, beside those of `prometheus`. Where
// they are missing these tests are skipped, but in CI they fail.
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { prometheusMend } from './installed-prometheus.ts';

const missing = ['prometheus-alertmanager', 'amtool'].filter(
  (program) => spawnSync(program, ['--version']).error,
);
const mend =
  missing.length === 0
    ? prometheusMend
    : `${missing.join(' and ')} not found; install the Debian package prometheus-alertmanager (apt-get install prometheus-alertmanager)`;
const skipped = mend !== undefined && !process.env.CI;

if (skipped) process.stderr.write(`Skipping the tests that need a real Alertmanager: ${mend}\n`);

export const describeWithAlertmanager = describe.skipIf(skipped);
