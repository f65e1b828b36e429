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
 * Gives `take` the elements of the array `name` of the object in `text`, each as JSON.parse returns it, and yields where
 * the caller can pause. Returns the object with an empty array in its place. Throws a SyntaxError when `text` is not
 * JSON.
 */
export function* jsonElements(
  text: string,
  name: string,
  take: (element: unknown) => void,
): Generator<void, unknown> {
  const pattern = new RegExp(structural);
  const quotedName = JSON.stringify(name);
  /** The piece that is to be parsed next: what was copied of it, and where the rest of it begins. */
  let copied = '';
  let from = 0;
  const pieceTo = (end: number) => copied + text.slice(from, end);
  /** What came before the array, while in it. */
  let outside: string | undefined;
  let depth = 0;
  let isFirst = true;
  let steps = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (++steps % charactersPerYield === 0) yield;
    const at = match.index;
    switch (text[at]) {
      case '"': {
        const end = yield* endOfString(text, at);
        pattern.lastIndex = end;
        if (end - at > longestString) {
          copied = `${pieceTo(at)}0`;
          from = end;
        }
        if (outside !== undefined || depth !== 1 || text.slice(at, end) !== quotedName) break;
        arrayFollows.lastIndex = end;
        if (!arrayFollows.test(text)) break;
        pattern.lastIndex = arrayFollows.lastIndex;
        depth = 2;
        outside = pieceTo(pattern.lastIndex);
        copied = '';
        from = pattern.lastIndex;
        break;
      }
      case '{':
      case '[':
        depth += 1;
        break;
      case ',':
        if (outside === undefined || depth !== 2) break;
        take(JSON.parse(pieceTo(at)));
        isFirst = false;
        copied = '';
        from = at + 1;
        yield;
        break;
      default: {
        depth -= 1;
        if (outside === undefined || depth > 1) break;
        const last = pieceTo(at);
        copied = outside;
        from = at;
        outside = undefined;
        if (!isFirst || last.trim() !== '') take(JSON.parse(last));
      }
    }
  }
  return JSON.parse(outside ?? pieceTo(text.length)) as unknown;
}

/** The position behind a string that begins at `start`; the end of the text when nothing ends it. */
function* endOfString(text: string, start: number): Generator<void, number> {
  let steps = 0;
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    // Metadata is often JSON itself: megabytes of escaped quotes in one string.
    if (++steps % charactersPerYield === 0) yield;
  }
  return text.length;
}
