import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { followSignal } from '../../src/lib/follow-signal.ts';

const reason = new Error('shutting down');

test('is aborted with the signal, for its reason', () => {
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
