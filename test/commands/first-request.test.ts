import { expect, test } from 'vitest';
import { prepareFirstRequest } from '../../src/commands/first-request.ts';

test('prepares the first request once, in a later turn', async () => {
  let isPrepared = false;
  const prepared = prepareFirstRequest();
  void prepared.then(() => (isPrepared = true));
  await Promise.resolve();
  expect(isPrepared).toBe(false);
  await prepared;
  expect(prepareFirstRequest()).toBe(prepared);
});
