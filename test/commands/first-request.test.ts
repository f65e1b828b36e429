import { expect, test } from 'vitest';
import { prepareFirstRequest } from '../../src/commands/first-request.ts';

test('prepares the first request once, and gives others their turn between its parts', async () => {
  let turns = 0;
  let preparing = true;
  const turn = () => {
    turns += 1;
    if (preparing) setImmediate(turn);
  };
  setImmediate(turn);
  const prepared = prepareFirstRequest();
  await prepared;
  preparing = false;
  expect(turns).toBeGreaterThan(5);
  expect(prepareFirstRequest()).toBe(prepared);
});
