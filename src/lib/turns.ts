// Turns of the event loop: work that arrives all at once is spread over several.
import { setImmediate } from 'node:timers';

let last = Promise.resolve();

/** Resolves in a turn of the event loop that no other caller is given. */
export function ownTurn(): Promise<void> {
  last = last.then(() => new Promise((resume) => void setImmediate(resume)));
  return last;
}
