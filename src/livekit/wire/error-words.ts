// Finds what an answer says about an error, in whatever shape it says it. Its text is foreign: quote it, never show it.

/** `error`, `errorMessage`, `error_description`, `errors`, `details`, … */
const tellingKey = /error|message|msg|code|detail|reason/i;
/** An error can be an object, which can have a list of details. */
const deepest = 4;

/** Words are no longer looked for once there are so many characters of them. */
const enoughCharacters = 4096;

/** The texts and numbers under keys that tell of an error, in their order; empty when there are none. */
export function errorWords(body: object): string {
  const words: string[] = [];
  let characters = 0;
  for (const word of wordsUnder(body, 0)) {
    words.push(word);
    characters += word.length;
    if (characters >= enoughCharacters) break;
  }
  return words.join(', ');
}

function* wordsUnder(value: unknown, depth: number): Generator<string, void> {
  if (typeof value === 'string' && value !== '') yield value;
  if (typeof value === 'number') yield String(value);
  if (typeof value !== 'object' || value === null || depth === deepest) return;
  for (const [key, inner] of Object.entries(value)) {
    if (Array.isArray(value) || tellingKey.test(key)) yield* wordsUnder(inner, depth + 1);
  }
}
