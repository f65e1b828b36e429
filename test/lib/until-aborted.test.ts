import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { untilAborted } from '../../src/lib/until-aborted.ts';

const reason = new Error('shutting down');
const never = new Promise<never>(() => undefined);

test('settles as the work does and leaves nothing on the signal', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve('done'), signal)).toBe('done');
  await expect(untilAborted(Promise.reject(reason), signal)).rejects.toBe(reason);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('does not wait for work that does not hear of the signal', async () => {
  const controller = new AbortController();
  const result = untilAborted(never, controller.signal);
  controller.abort(reason);
  await expect(result).rejects.toBe(reason);
});

test('does not wait at all when the signal was aborted before', async () => {
  await expect(untilAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test('takes no notice of what becomes of work that was given up', async () => {
  const controller = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const result = untilAborted(work, controller.signal);
  controller.abort(reason);
  await expect(result).rejects.toBe(reason);
  fail(new Error('too late'));
});
