// How V8 keeps the memory of a program that polls.
import { setFlagsFromString } from 'node:v8';

/**
 * To be called when polling begins, and what a start loads is loaded: compiled code that was kept, ours and Node's own,
 * belongs to the flags it was compiled under, the default ones. Set earlier, these would make the start a fifth longer.
 */
export function tuneMemory(): void {
  // V8 would let the garbage of a poll pile up to several times what the program needs.
  setFlagsFromString('--heap-growing-percent=50');
  // It would let new objects pile up to 16 MB. Those of a poll live until it is counted, and moving them all at once
  // holds the event loop for 10 ms: they stay at the 2 or 4 MB that a start takes, or less after a time without work. To
  // move so few no other threads are needed; each time the loop would wait for them, however busy the processors are.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--no-parallel-scavenge');
}
