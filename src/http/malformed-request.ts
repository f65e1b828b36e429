// The answer to what is no request, or none that ends.
import type { Socket } from 'node:net';

/** What a client goes on sending is taken for so long: a connection closed before would take the answer with it. */
const lingerMilliseconds = 1000;

const refusals: Readonly<Record<string, readonly [status: string, text: string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'The URL and the headers of the request are too long: 16 KiB in all are read.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
};
const malformed = ['400 Bad Request', 'This is not a request in HTTP/1.1.'] as const;

/** Answers with a plain 4xx and closes the connection. For the event `clientError` of a server. */
export function refuseMalformed({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  // What comes after the mistake is one more.
  if (socket.writableEnded) return;
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, text] = refusals[code] ?? malformed;
  const headers = [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    `Content-Length: ${text.length + 1}`,
    'Connection: close',
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${text}\n`);
  const cutOff = setTimeout(() => socket.destroy(), lingerMilliseconds);
  socket.once('close', () => clearTimeout(cutOff));
}
