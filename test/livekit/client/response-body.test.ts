import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readBody } from '../../../src/livekit/client/response-body.ts';

test('decodes bodies that have arrived together one in each turn of the event loop', async () => {
  let turn = 0;
  const nextTurn = () => {
    turn += 1;
    immediate = setImmediate(nextTurn);
  };
  let immediate = setImmediate(nextTurn);
  const answers = ['one', 'two', 'three'].map((text) =>
    Object.assign(Readable.from([Buffer.from(text)]), { headers: {} }),
  );
  const read = answers.map(async (answer) => {
    const { text } = await readBody(answer as unknown as IncomingMessage, 100);
    return { text, turn };
  });
  const bodies = await Promise.all(read);
  clearImmediate(immediate);
  expect(bodies.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  expect(new Set(bodies.map((body) => body.turn)).size).toBe(3);
});
