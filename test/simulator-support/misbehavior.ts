// Sends the answers that come instead of the true one, and what happens to the true one on its way. Never waits for the
// client longer than it is connected.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import { jsonAnswer, refusal, type Answer } from '../../src/simulator/project-api.ts';
import { wrongShapes, type Mishap, type Replacement } from './faults.ts';

const scalePlanMessage = 'the Analytics API is only available with a Scale plan or higher';

/** Answers what a replacement says when it is a plain answer; undefined when it is something worse. */
export function plainReplacement(replacement: Replacement, now: number): Answer | undefined {
  switch (replacement.kind) {
    case 'status':
      return statusAnswer(replacement, now);
    case 'scale_plan':
      return refusal(replacement.status, 'permission_denied', scalePlanMessage);
    case 'wrong_shape':
      return jsonAnswer(200, wrongShapes[replacement.shape]);
    case 'html':
      return {
        status: replacement.status ?? 200,
        headers: { 'Content-Type': 'text/html; charset=utf-8' },
        body: '<!doctype html><title>Sign in</title><p>Please sign in.',
      };
    case 'redirect':
      return { status: replacement.status ?? 302, headers: { Location: replacement.location }, body: '' };
    default:
      return undefined;
  }
}

/** Does to the connection what a replacement says that is no plain answer. */
export function misbehave(
  replacement: Replacement,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  switch (replacement.kind) {
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'giant_body':
      response.writeHead(200, { 'Content-Type': 'application/json' });
      pour(response, replacement.bytes, response);
      return;
    case 'gzip_bomb': {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      pour(gzip, replacement.bytes, response);
      return;
    }
    default:
      // hang: the server closes the connection when it is stopped itself.
      return;
  }
}

function statusAnswer(replacement: Extract<Replacement, { kind: 'status' }>, now: number): Answer {
  const { status, body, retryAfterSeconds: seconds, retryAfterForm } = replacement;
  const headers: Record<string, string> = {};
  if (seconds !== undefined) {
    // An HTTP date has whole seconds: rounded up, nobody is sent back too early.
    headers['Retry-After'] =
      retryAfterForm === 'date' ? new Date(Math.ceil(now + seconds) * 1000).toUTCString() : String(seconds);
  }
  if (body === undefined)
    return refusal(status, 'simulated', `simulated failure with status ${status}`, headers);
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body };
}

const opening = '{"sessions":[';
const closing = ']}';
const chunk = Buffer.alloc(65_536, ' ');

/** Writes so many bytes of valid JSON as fast as they are read, until the client has gone. */
function pour(sink: NodeJS.WritableStream, bytes: number, response: ServerResponse): void {
  let left = Math.max(0, bytes - opening.length - closing.length);
  const continues = (): void => {
    while (left > 0 && !response.destroyed) {
      const piece = chunk.subarray(0, Math.min(left, chunk.length));
      left -= piece.length;
      if (!sink.write(piece)) {
        sink.once('drain', continues);
        return;
      }
    }
    if (!response.destroyed) sink.end(closing);
  };
  sink.write(opening);
  continues();
}

export function deliverWithMishap(response: ServerResponse, answer: Answer, mishap: Mishap): void {
  const { status, headers, body } = answer;
  if (mishap.kind === 'truncated_body' && mishap.cut === 'json') {
    response.writeHead(status, headers).end(cut(body));
    return;
  }
  const whole = Buffer.from(body);
  response.writeHead(status, { ...headers, 'Content-Length': whole.length });
  if (mishap.kind === 'slow_body') trickle(response, whole, mishap);
  else response.write(cut(whole), () => response.destroy());
}

function cut<Body extends string | Buffer>(body: Body): Body {
  const half = Math.floor(body.length / 2);
  return (typeof body === 'string' ? body.slice(0, half) : body.subarray(0, half)) as Body;
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
