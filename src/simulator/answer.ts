// An answer of the simulated API, and how it is sent: gzipped where the client takes it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function jsonAnswer(status: number, content: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(content),
  };
}

/** An error as LiveKit's services write them. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  return jsonAnswer(status, { code, msg: message }, headers);
}

/** Smaller bodies are not worth compressing. */
const leastCompressed = 1024;

const compressed = promisify(gzip);

export async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const body = await writeHead(request, response, answer);
  response.end(body);
}

/** Writes the head and resolves to the body that is to follow; nothing is written to a client that has gone. */
export async function writeHead(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
): Promise<Buffer> {
  const plain = Buffer.from(body);
  const compress = plain.length >= leastCompressed && acceptsGzip(request.headers['accept-encoding']);
  const sent = compress ? await compressed(plain, { level: constants.Z_BEST_SPEED }) : plain;
  if (response.destroyed) return sent;
  response.writeHead(status, {
    ...headers,
    ...(compress ? { 'Content-Encoding': 'gzip' } : {}),
    Vary: 'Accept-Encoding',
    'Content-Length': sent.length,
  });
  return sent;
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?(?:$|[\s,]))/.test(String(header ?? ''));
}
