import { expect, it, onTestFinished, vi } from 'vitest';
import { runInSlices } from '../../src/lib/slices.ts';

it('gives the event loop its turn during a long computation, and returns the result', async () => {
  let turns = 0;
  let finished = false;
  const count = (): void => {
    turns += 1;
    if (!finished) setImmediate(count);
  };
  setImmediate(count);
  // Each step takes a millisecond, also where the process is held up between two.
  let time = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  onTestFinished(() => void vi.restoreAllMocks());
  function* computation(): Generator<void, string> {
    for (; time < 60; time += 1) yield;
    return 'done';
  }
  expect(await runInSlices(computation())).toBe('done');
  finished = true;
  expect(turns).toBeGreaterThanOrEqual(20);
});

it('hands on what a computation throws', async () => {
  // eslint-disable-next-line require-yield
  function* computation(): Generator<void, never> {
    throw new Error('broken');
  }
  await expect(runInSlices(computation())).rejects.toThrow('broken');
});
