// Listens on the addresses that were asked for and hands each request to one app; a stop lets running answers finish.
import type { RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { plainServer, type HttpServer, type MakeServer } from './http-server.ts';

/** `host` '' means all interfaces, IPv6 and IPv4; `port` 0 means any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ServerSettings {
  readonly addresses: readonly ListenAddress[];
  readonly answer: RequestListener;
  /** A stop takes at most this long, whatever clients do; what they have not taken by then is cut off. */
  readonly closeWithinSeconds: number;
  /** What listens on each address; plain HTTP unless told otherwise. */
  readonly makeServer?: MakeServer;
}

export interface RunningServer {
  /** The actual addresses, in the order they were asked for. */
  readonly addresses: readonly ListenAddress[];
  /** Stops accepting, closes idle connections, lets running answers finish. */
  close(): Promise<void>;
}

/** Rejected with a plain Error that names the address and the mend when one of them cannot be listened on. */
export async function startServer({
  addresses,
  answer,
  closeWithinSeconds,
  makeServer = plainServer,
}: ServerSettings): Promise<RunningServer> {
  const listeners: Listener[] = [];
  const close = async () => {
    const closed = Promise.all(listeners.map((listener) => listener.close()));
    const cutOff = setTimeout(
      () => listeners.forEach((listener) => listener.cutOff()),
      closeWithinSeconds * 1000,
    );
    await closed;
    clearTimeout(cutOff);
  };
  try {
    for (const address of addresses) listeners.push(await listen(address, makeServer(answer)));
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: listeners.map((listener) => listener.address), close };
}

interface Listener {
  readonly address: ListenAddress;
  close(): Promise<void>;
  cutOff(): void;
}

async function listen(wanted: ListenAddress, { server, close, cutOff }: HttpServer): Promise<Listener> {
  const address = await bind(server, wanted);
  return { address, close, cutOff };
}

/** Without a host Node listens on `::` for both families, and on 0.0.0.0 where there is no IPv6. */
function bind(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(listenError(error, { host, port }));
    server.once('error', refuse);
    server.listen(host === '' ? { port } : { host, port }, () => {
      server.off('error', refuse);
      const actual = server.address() as AddressInfo;
      resolve({ host: actual.address, port: actual.port });
    });
  });
}

const mends: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. Stop the program that has it, or choose another with --web.listen-address',
  EACCES: 'this user may not. Choose a port from 1024 on with --web.listen-address',
  EADDRNOTAVAIL:
    'this machine has no such address. Choose one of its own, or none, with --web.listen-address',
  EAFNOSUPPORT: 'this machine has no IPv6. Choose an IPv4 address with --web.listen-address',
  ENOTFOUND:
    'the host name is unknown. Choose an address of this machine, or none, with --web.listen-address',
};

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress): Error {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const mend = mends[error.code ?? ''] ?? error.message;
  return new Error(`Cannot listen on ${address}: ${mend}.`, { cause: error });
}
