// A server with a web configuration and one answer, and clients that tell what they got or why they got nothing.
import { request as plainRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { request as secureRequest, type RequestOptions } from 'node:https';
import { once } from 'node:events';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { openWebAccess } from '../../src/commands/serve.ts';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { watchFiles } from '../../src/lib/watched-file.ts';

export const greeting = 'Hello World!';
const hello: RequestListener = (_request, response) => response.end(greeting);

export interface HelloServer extends RunningServer {
  readonly port: number;
  /** Lines of the log. */
  readonly log: readonly string[];
}

/** Closed when the test is over. Its passwords cannot be checked: that takes the built program. */
export async function serveHello(
  webConfigFile: string,
  answer = hello,
  closeWithinSeconds = 60,
): Promise<HelloServer> {
  const lines: string[] = [];
  const log = createLogger({
    level: 'debug',
    format: 'logfmt',
    write: (line) => lines.push(line.replace(/^time=\S+ /, '')),
    now: () => 0,
  });
  const access = await openWebAccess(webConfigFile, { log, files: watchFiles() });
  const stop = new AbortController();
  void access?.file.watch(stop.signal, () => undefined);
  const server = await startServer({
    addresses: [{ host: '127.0.0.1', port: 0 }],
    answer: access?.guard(answer) ?? answer,
    secure: access?.secure,
    closeWithinSeconds,
  });
  onTestFinished(async () => {
    stop.abort();
    await server.close();
  });
  return { ...server, port: server.addresses[0]!.port, log: lines };
}

export interface Received {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  /** What OpenSSL calls the suite; undefined without TLS. */
  readonly cipher: string | undefined;
}

/** One request over HTTP/1.1 on a connection of its own; rejected with what went wrong. */
export async function ask(
  port: number,
  options: RequestOptions & Pick<ConnectionOptions, 'session'> & { readonly tls?: boolean } = {},
): Promise<Received> {
  const request = (options.tls === false ? plainRequest : secureRequest)({
    host: '127.0.0.1',
    port,
    agent: false,
    ...options,
  });
  request.end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  // A refusal may come with the end of the connection.
  const cipher = (answer.socket as Partial<TLSSocket>).getCipher?.()?.name;
  let body = '';
  for await (const piece of answer) body += String(piece);
  return { status: answer.statusCode ?? 0, body, headers: answer.headers, cipher };
}
