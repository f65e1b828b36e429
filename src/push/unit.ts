// The unit of a family, from its name: Prometheus writes base units at the end of it.

const units: readonly (readonly [suffix: RegExp, unit: string])[] = [
  [/_bytes(_total)?$/, 'By'],
  [/_seconds(_total)?$/, 's'],
  [/_ratio$/, '1'],
];

/**
 * As UCUM writes it (https://ucum.org). Empty for what is counted in things: with the unit `1` receivers that
 * translate names for Prometheus would append `_ratio`.
 */
export function unitOf(name: string): string {
  return units.find(([suffix]) => suffix.test(name))?.[1] ?? '';
}
