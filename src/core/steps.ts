// Work on many elements in small steps, with other work between them: 50,000 at once would block the event loop.

/** Elements worked on between two yields: well under a millisecond. */
const stepLength = 256;

const runLength = 512;

/** Runs all steps at once, where nothing else waits. */
export function finished<Result>(steps: Generator<unknown, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

export function* inSteps<Element>(
  elements: Iterable<Element>,
  work: (element: Element) => void,
): Generator<void, void> {
  let steps = 0;
  for (const element of elements) {
    work(element);
    if (++steps % stepLength === 0) yield;
  }
}

export function* filtered<Element>(
  elements: Iterable<Element>,
  holds: (element: Element) => boolean,
): Generator<void, Element[]> {
  const found: Element[] = [];
  yield* inSteps(elements, (element) => {
    if (holds(element)) found.push(element);
  });
  return found;
}

/** Sorts a copy by the order given (negative: the first argument comes first), yielding every few hundred steps. */
export function* sorted<Element>(
  elements: readonly Element[],
  order: (a: Element, b: Element) => number,
): Generator<void, Element[]> {
  let runs: Element[][] = [];
  for (let start = 0; start < elements.length; start += runLength) {
    runs.push(elements.slice(start, start + runLength).sort(order));
    yield;
  }
  while (runs.length > 1) {
    const longer: Element[][] = [];
    for (let pair = 0; pair < runs.length; pair += 2) {
      longer.push(yield* merged(runs[pair] ?? [], runs[pair + 1] ?? [], order));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

/** Merges two sorted arrays into a new one. */
export function* merged<Element>(
  left: readonly Element[],
  right: readonly Element[],
  order: (a: Element, b: Element) => number,
): Generator<void, Element[]> {
  const result: Element[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const takeLeft =
      r === right.length || (l < left.length && order(left[l] as Element, right[r] as Element) <= 0);
    result.push((takeLeft ? left[l++] : right[r++]) as Element);
    if (result.length % runLength === 0) yield;
  }
  return result;
}
