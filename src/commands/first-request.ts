// What is done once before the first request: V8 is tuned, when the start is over.
import { setFlagsFromString } from 'node:v8';
import { ownTurn } from '../event-loop/turns.ts';

let prepared: Promise<void> | undefined;

/** Resolves once a request can be sent; at once when one could before. */
export function prepareFirstRequest(): Promise<void> {
  return (prepared ??= prepare());
}

async function prepare(): Promise<void> {
  await ownTurn();
  tune();
}

/**
 * Compiled code that was kept, ours and Node's own, belongs to the flags it was compiled under, the default ones: what
 * is loaded from now on is compiled anew. Set at the start, these flags would make it a fifth longer.
 */
function tune(): void {
  // V8 would let the garbage of a poll pile up to several times what the program needs.
  setFlagsFromString('--heap-growing-percent=50');
  // It would let new objects pile up to 16 MB. Those of a poll live until it is counted, and moving them all at once
  // holds the event loop for 10 ms: they stay at the 2 or 4 MB that a start takes. To move so few no other threads are
  // needed; each time the loop would wait for them, however busy the processors are.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--no-parallel-scavenge');
}
