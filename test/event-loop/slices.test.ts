import { expect, it } from 'vitest';
import { runInSlices } from '../../src/event-loop/slices.ts';

it('gives the event loop its turn during a long computation, and returns the result', async () => {
  let turns = 0;
  let finished = false;
  const count = (): void => {
    turns += 1;
    if (!finished) setImmediate(count);
  };
  setImmediate(count);
  function* computation(): Generator<void, string> {
    const end = performance.now() + 50;
    while (performance.now() < end) yield;
    return 'done';
  }
  expect(await runInSlices(computation())).toBe('done');
  finished = true;
  expect(turns).toBeGreaterThan(1);
});

it('hands on what a computation throws', async () => {
  // eslint-disable-next-line require-yield
  function* computation(): Generator<void, never> {
    throw new Error('broken');
  }
  await expect(runInSlices(computation())).rejects.toThrow('broken');
});
