// TLS before a server of this machine that has none.
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Issued } from '../certificates.ts';

/** Passes everything on to the server with this URL, by default until the test is over; resolves to its own port. */
export async function startTlsFront(
  certificate: Pick<Issued, 'cert' | 'key'>,
  behind: string,
  atEnd: (end: () => void) => void = onTestFinished,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer(certificate, (client) => {
    const target = connect(Number(new URL(behind).port), '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      sockets.add(socket);
    }
    client.pipe(target).pipe(client);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return String((server.address() as AddressInfo).port);
}
