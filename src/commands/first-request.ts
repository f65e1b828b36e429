// What is done once before the first request: fetch is loaded part by part, each in a turn of the event loop of its
// own, because its first call would load all of it at once and hold the loop for 20 ms; then V8 is tuned.
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { ownTurn } from '../event-loop/turns.ts';

/** Of Node's own modules alone: they are the same from everywhere. */
const load = createRequire('/');

const parts: readonly (() => unknown)[] = [
  () => load('node:crypto'),
  () => load('node:http2'),
  () => load('node:stream/web'),
  () => load('node:worker_threads'),
  // With one of its classes Node loads all of fetch.
  () => Headers,
];

const firstUses: typeof parts = [
  () => new Request('http://127.0.0.1', { signal: new AbortController().signal }),
  () => new Response(new Uint8Array(1)).arrayBuffer(),
];

let prepared: Promise<void> | undefined;

/** Resolves once a request can be sent; at once when one could before. */
export function prepareFirstRequest(): Promise<void> {
  return (prepared ??= prepare());
}

async function prepare(): Promise<void> {
  await eachInItsTurn(parts);
  // In the same turn: what of fetch is WebAssembly is compiled in a later one.
  tune();
  await eachInItsTurn(firstUses);
}

async function eachInItsTurn(steps: typeof parts): Promise<void> {
  for (const step of steps) {
    await ownTurn();
    await step();
  }
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
  // It would optimize the parser behind fetch, one WebAssembly function, and not give back what that takes: 9 MB.
  setFlagsFromString('--wasm-tiering-budget=1000000000');
}
