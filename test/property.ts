// How properties are tried: with the same examples in every run of the tests, so that a change that breaks one is seen to
// break it. `npm run properties` tries many more, new ones every time.
import fc from 'fast-check';

/** How many times as many examples, of a new seed; undefined: the usual ones. */
const times = Number(process.env['PROPERTY_TIMES']) || undefined;

/** As `assert` of fast-check: to be awaited when the property is asynchronous. */
export function assertProperty<Examples>(
  property: fc.IRawProperty<Examples>,
  parameters: fc.Parameters<Examples> = {},
): void | Promise<void> {
  const numRuns = (parameters.numRuns ?? 100) * (times ?? 1);
  return fc.assert(property, { ...parameters, numRuns, ...(times === undefined && { seed: 1 }) });
}
