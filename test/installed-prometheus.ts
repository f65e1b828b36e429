// Whether the programs of Debian's package `prometheus` are there.
import { spawnSync } from 'node:child_process';

const missing = ['prometheus', 'promtool'].filter((program) => spawnSync(program, ['--version']).error);

/** What to install; undefined when nothing is missing. */
export const prometheusMend =
  missing.length === 0
    ? undefined
    : `${missing.join(' and ')} not found; install the Debian package prometheus (apt-get install prometheus)`;

/** Throws an Error that says what to install. */
export function requirePrometheus(): void {
  if (prometheusMend !== undefined) throw new Error(prometheusMend);
}
