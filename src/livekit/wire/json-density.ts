// How much memory JSON takes once it is parsed, before it is: text that is made to do harm takes a hundred times its
// size, all of it at once.

/** Shorter text does little harm, whatever it holds. */
const harmlessLength = 2 ** 20;
/** Characters per value on average, names and punctuation included. Answers of the API have more than twice as many. */
const leastPerValue = 8;
const slice = 2 ** 17;

/** Whether the text holds more values than text of its length ever does. Yields where it can be interrupted. */
export function* isTooDense(text: string): Generator<undefined, boolean> {
  if (text.length <= harmlessLength) return false;
  const mostValues = text.length / leastPerValue;
  let values = 0;
  for (let from = 0; from < text.length; from += slice) {
    values += beginningsIn(text, from, Math.min(from + slice, text.length));
    if (values > mostValues) return true;
    yield;
  }
  return false;
}

/** Every value follows a comma or an opening bracket, a colon aside: that has its name before it. */
function beginningsIn(text: string, from: number, end: number): number {
  let count = 0;
  for (let index = from; index < end; index++) {
    const character = text.charCodeAt(index);
    // , [ {
    if (character === 0x2c || character === 0x5b || character === 0x7b) count += 1;
  }
  return count;
}
