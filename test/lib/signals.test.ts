import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { followSignal, untilAborted } from '../../src/lib/signals.ts';

const reason = new Error('shutting down');

test('a signal that follows is aborted with the other, for its reason', () => {
  const followed = new AbortController();
  const { controller } = followSignal(followed.signal);
  expect(controller.signal.aborted).toBe(false);
  followed.abort(reason);
  expect(controller.signal.reason).toBe(reason);
});

test('is aborted from the start when the signal was before', () => {
  const { controller } = followSignal(AbortSignal.abort(reason));
  expect(controller.signal.reason).toBe(reason);
});

test('does not abort what it follows', () => {
  const followed = new AbortController();
  followSignal(followed.signal).controller.abort(reason);
  expect(followed.signal.aborted).toBe(false);
});

test('leaves nothing on the signal and follows no more once it is released', () => {
  const followed = new AbortController();
  const { controller, release } = followSignal(followed.signal);
  release();
  expect(getEventListeners(followed.signal, 'abort')).toEqual([]);
  followed.abort(reason);
  expect(controller.signal.aborted).toBe(false);
});

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
