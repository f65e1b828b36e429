// Chooses the format of the metrics from the request's Accept (RFC 9110, section 12.5.1).
import { type Acceptable, acceptables } from './accept-weight.ts';

export type Format = 'text' | 'openmetrics';

/**
 * OpenMetrics for who names its version 1.0.0, or no version, and takes it at least as gladly as text 0.0.4. Text for
 * everybody else, also for who takes neither: never "not acceptable".
 */
export function chooseFormat(accept: string | undefined): Format {
  if (!accept) return 'text';
  let openMetrics = 0;
  let text = { weight: 0, precision: -1 };
  for (const acceptable of acceptables(accept)) {
    const { weight } = acceptable;
    if (isOpenMetrics(acceptable)) openMetrics = Math.max(openMetrics, weight);
    const precision = precisionForText(acceptable);
    if (precision > text.precision) text = { weight, precision };
  }
  return openMetrics > 0 && openMetrics >= text.weight ? 'openmetrics' : 'text';
}

function isOpenMetrics({ name, parameters }: Acceptable): boolean {
  return name === 'application/openmetrics-text' && (parameters.get('version') ?? '1.0.0') === '1.0.0';
}

/** How precisely an element names text 0.0.4: the most precise one tells its weight. -1 when it names something else. */
function precisionForText({ name, parameters }: Acceptable): number {
  if (name === '*/*') return 0;
  if (name === 'text/*') return 1;
  const version = parameters.get('version');
  if (name !== 'text/plain' || (version !== undefined && version !== '0.0.4')) return -1;
  return version === undefined ? 2 : 3;
}
