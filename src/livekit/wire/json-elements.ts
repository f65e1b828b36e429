// Reads a long JSON answer piece by piece: an object with one array of many elements, each of which is parsed by
// itself. One JSON.parse of thousands of rooms with their metadata would hold the event loop for too long.

/** No field we read is longer, in UTF-16 code units; a longer string is replaced by a number and never copied. */
const longestString = 16_384;

/** Structural characters, or quotes within one string, looked at between two yields: well under a millisecond. */
const charactersPerYield = 4096;

/** The first character of what matters: a string, the begin or end of an object or array, or a comma. */
const structural = /["{}[\],]/g;
const arrayFollows = /\s*:\s*\[/y;

/**
 * Yields the elements of the array `name` of the object in `text`, each as JSON.parse returns it, and undefined where
 * the caller can pause. Returns the object with an empty array in its place. Throws a SyntaxError when `text` is not
 * JSON.
 */
export function* jsonElements(text: string, name: string): Generator<unknown, unknown> {
  const pattern = new RegExp(structural);
  const quotedName = JSON.stringify(name);
  const rest = new Piece(text, 0);
  let element: Piece | undefined;
  let depth = 0;
  let inArray = false;
  let isFirst = true;
  let steps = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (++steps % charactersPerYield === 0) yield undefined;
    const at = match.index;
    const piece = element ?? rest;
    switch (text[at]) {
      case '"': {
        const end = yield* endOfString(text, at);
        pattern.lastIndex = end;
        if (end - at > longestString) piece.replace(at, end, '0');
        if (inArray || depth !== 1 || text.slice(at, end) !== quotedName) break;
        arrayFollows.lastIndex = end;
        if (!arrayFollows.test(text)) break;
        pattern.lastIndex = arrayFollows.lastIndex;
        depth = 2;
        inArray = true;
        element = new Piece(text, arrayFollows.lastIndex);
        rest.skipFrom(arrayFollows.lastIndex);
        break;
      }
      case '{':
      case '[':
        depth += 1;
        break;
      case ',':
        if (inArray && depth === 2) {
          yield JSON.parse(piece.endingAt(at));
          isFirst = false;
          element = new Piece(text, at + 1);
        }
        break;
      default:
        depth -= 1;
        if (!inArray || depth > 1) break;
        inArray = false;
        element = undefined;
        rest.resumeAt(at);
        if (!isFirst || piece.endingAt(at).trim() !== '') yield JSON.parse(piece.endingAt(at));
    }
  }
  return JSON.parse(rest.endingAt(text.length)) as unknown;
}

/** The position behind a string that begins at `start`; the end of the text when nothing ends it. */
function* endOfString(text: string, start: number): Generator<undefined, number> {
  let steps = 0;
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    // Metadata is often JSON itself: megabytes of escaped quotes in one string.
    if (++steps % charactersPerYield === 0) yield undefined;
  }
  return text.length;
}

/** A part of a text in which some places are replaced or left out. */
class Piece {
  readonly #text: string;
  #from: number;
  #done = '';

  constructor(text: string, from: number) {
    this.#text = text;
    this.#from = from;
  }

  replace(from: number, to: number, by: string): void {
    this.#done += this.#text.slice(this.#from, from) + by;
    this.#from = to;
  }

  skipFrom(at: number): void {
    this.#done += this.#text.slice(this.#from, at);
    this.#from = this.#text.length;
  }

  resumeAt(at: number): void {
    this.#from = at;
  }

  endingAt(end: number): string {
    return this.#done + this.#text.slice(this.#from, end);
  }
}
