// Keeps one of Node's own objects alive, for the speed of all the others of its kind.
import { executionAsyncResource } from 'node:async_hooks';
import { nextTick } from 'node:process';

const kept: object[] = [];

/**
 * Keeps what `process.nextTick` makes for each callback, once. At a full garbage collection that finds none of them
 * alive V8 forgets their shape, and takes the slow way to make them from then on: 6 µs of each scrape. To be called
 * before the first one.
 */
export function keepTick(): void {
  nextTick(() => kept.push(executionAsyncResource()));
}
