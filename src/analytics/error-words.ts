// Finds what an answer says about an error, in whatever shape it says it. Its text is foreign: quote it, never show it.

/** `error`, `errorMessage`, `error_description`, `errors`, `details`, … */
const tellingKey = /error|message|msg|code|detail|reason/i;
/** An error can be an object, which can have a list of details. */
const deepest = 4;

/** The texts and numbers under keys that tell of an error, in their order; empty when there are none. */
export function errorWords(body: object): string {
  return wordsUnder(body, 0).join(', ');
}

function wordsUnder(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null || depth === deepest) return [];
  const telling = Object.entries(value).filter(([key]) => Array.isArray(value) || tellingKey.test(key));
  return telling.flatMap(([, inner]) => wordsUnder(inner, depth + 1));
}
