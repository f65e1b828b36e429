// When an answer was sent, and to whom, over HTTP/1.1 and HTTP/2.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { forwardedFor } from './forwarded.ts';

/** Who made a scrape, as well as a request tells. */
export interface Scraper {
  /** Of the client, where proxies name it. */
  readonly address: string;
  /** The User-Agent. */
  readonly agent: string;
  readonly connection: { readonly destroyed: boolean };
}

/** Calls back when all of the answer was handed to the system, not when the client has gone before. */
export function onceSent(
  request: IncomingMessage,
  response: ServerResponse,
  sent: (scraper: Scraper) => void,
): void {
  const { socket } = request;
  // An answer of HTTP/2 is finished when its stream is over, sent or not; what is handed on is the stream's to say,
  // and the connection is the session: `socket` stands for the stream alone.
  const { stream } = response as { readonly stream?: ServerHttp2Stream };
  const connection = stream?.session ?? socket;
  const scraper = {
    address: forwardedFor(request.headers) ?? socket.remoteAddress ?? '',
    agent: request.headers['user-agent'] ?? '',
    connection,
  };
  // Node calls an answer finished also when its connection broke and took the rest with it.
  (stream ?? response).on('finish', () => {
    if (!connection.destroyed && !stream?.destroyed) sent(scraper);
  });
}
