// The parser of OpenMetrics in Debian's package `python3-prometheus-client`, written by the authors of the specification:
// it refuses what the specification forbids. Where it is missing the tests that need it are skipped, but in CI they fail.
import { spawnSync } from 'node:child_process';
import { it } from 'vitest';

/** A distribution's own Python: another one does not see its packages. */
const python = '/usr/bin/python3';

const program = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.buffer.read().decode())
json.dump([
    {'name': f.name, 'type': f.type, 'unit': f.unit, 'help': f.documentation,
     'samples': [[s.name, dict(s.labels), repr(float(s.value))] for s in f.samples]}
    for f in families], sys.stdout)
`;

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  /** Values as Python writes floating-point numbers. */
  readonly samples: readonly (readonly [
    name: string,
    labels: Readonly<Record<string, string>>,
    value: string,
  ])[];
}

const isMissing = spawnSync(python, ['-c', 'import prometheus_client.openmetrics.parser']).status !== 0;
const mend =
  'install the Debian package python3-prometheus-client (apt-get install python3-prometheus-client)';
const skipped = isMissing && !process.env.CI;

if (skipped) process.stderr.write(`Skipping the tests that need the parser of OpenMetrics: ${mend}\n`);

export const itWithOpenMetricsParser = it.skipIf(skipped);

/** Throws an Error with what the parser has to say against the text. */
export function parseOpenMetrics(text: string): readonly ParsedFamily[] {
  if (isMissing) throw new Error(`The parser of OpenMetrics is missing: ${mend}`);
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1));
  return JSON.parse(stdout) as ParsedFamily[];
}
