// Sends an answer, gzipped when the client takes it, whole or with a mishap on the way.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, gzip } from 'node:zlib';
import type { Answer } from './answer.ts';
import type { Mishap } from './fault-orders.ts';

/** Smaller bodies are not worth compressing. */
const leastCompressed = 1024;

export async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  mishap?: Mishap,
): Promise<void> {
  const plain = Buffer.from(
    mishap?.kind === 'truncated_body' && mishap.cut === 'json' ? cut(answer.body) : answer.body,
  );
  const compress = plain.length >= leastCompressed && acceptsGzip(request.headers['accept-encoding']);
  const body = compress ? await compressed(plain) : plain;
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(compress ? { 'Content-Encoding': 'gzip' } : {}),
    Vary: 'Accept-Encoding',
    'Content-Length': body.length,
  });
  if (mishap?.kind === 'slow_body') trickle(response, body, mishap);
  else if (mishap?.kind === 'truncated_body' && mishap.cut === 'connection') {
    response.write(cut(body), () => response.destroy());
  } else response.end(body);
}

function cut<Body extends string | Buffer>(body: Body): Body {
  const half = Math.floor(body.length / 2);
  return (typeof body === 'string' ? body.slice(0, half) : body.subarray(0, half)) as Body;
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?(?:$|[\s,]))/.test(String(header ?? ''));
}

function compressed(body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(body, { level: constants.Z_BEST_SPEED }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
}

function trickle(
  response: ServerResponse,
  body: Buffer,
  { chunkBytes, pauseMilliseconds }: Extract<Mishap, { kind: 'slow_body' }>,
): void {
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    response.write(body.subarray(sent, sent + chunkBytes));
    sent += chunkBytes;
    if (sent >= body.length) response.end();
    else timer = setTimeout(next, pauseMilliseconds);
  };
  response.once('close', () => clearTimeout(timer));
  next();
}
