import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodedBody } from '../../src/network/decoded-body.ts';
import { listening } from './listening.ts';

const words = 'in plain words';

async function answered(coding: string | undefined, body: Buffer): Promise<IncomingMessage> {
  const server = createServer((_request, response) => {
    if (coding !== undefined) response.setHeader('content-encoding', coding);
    response.end(body);
  });
  const [answer] = await once(get({ port: await listening(server) }), 'response');
  return answer as IncomingMessage;
}

test.each<[string | undefined, Buffer]>([
  [undefined, Buffer.from(words)],
  ['identity', Buffer.from(words)],
  ['gzip', gzipSync(words)],
  ['GZIP', gzipSync(words)],
  ['x-gzip', gzipSync(words)],
  ['br', brotliCompressSync(words)],
])('reads what came as %s', async (coding, body) => {
  const decoded = decodedBody(await answered(coding, body));
  expect(decoded && (await text(decoded))).toBe(words);
});

test.each([
  ['deflate', deflateSync(words)],
  ['gzip, gzip', gzipSync(gzipSync(words))],
  ['zstd', Buffer.from(words)],
])('takes nothing that came as %s', async (coding, body) => {
  const answer = await answered(coding, body);
  expect(decodedBody(answer)).toBeUndefined();
  expect(answer.destroyed).toBe(true);
});

test('reads as much as there is of a body that was cut off', async () => {
  const decoded = decodedBody(await answered('gzip', gzipSync(words).subarray(0, -8)));
  expect(decoded && (await text(decoded))).toBe(words);
});

test.each(['gzip', 'br'])('tells its reader of a body that is no %s', async (coding) => {
  const decoded = decodedBody(await answered(coding, Buffer.from(words)));
  await expect(decoded && text(decoded)).rejects.toThrow();
});

test('gives up the answer when its reader leaves', async () => {
  // The body has no end: it is over when it is given up.
  const server = createServer((_request, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.write(gzipSync(randomBytes(2 ** 16)).subarray(0, -8));
  });
  const [answer] = (await once(get({ port: await listening(server) }), 'response')) as [IncomingMessage];
  const closed = new Promise((resolve) => answer.once('close', resolve));
  for await (const chunk of decodedBody(answer) ?? []) {
    expect(chunk).toBeInstanceOf(Buffer);
    break;
  }
  await closed;
  expect(answer.complete).toBe(false);
});
