// An Analytics API that means harm: it answers each project in a way of its own, byte for byte as it likes, until it
// is told to behave. It speaks raw TCP, because no library would send what it sends.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { AtEnd } from '../../at-end.ts';

/** One request, and where its answer goes. */
export interface Exchange {
  readonly socket: Socket;
  /** Of the session list, from 0. */
  readonly page: number;
  /** The value of its header Authorization. */
  readonly authorization: string;
  /** The URL of another server, which nobody has a reason to ask. */
  readonly elsewhere: string;
}

export type Answer = (exchange: Exchange) => void;

/** An answer that is in order, with these headers beside those of its length. */
export function send({ socket }: Exchange, body: string | Buffer, head = 'HTTP/1.1 200 OK'): void {
  const bytes = Buffer.from(body);
  socket.write(`${head}\r\nContent-Length: ${String(bytes.length)}\r\n\r\n`);
  socket.write(bytes);
}

/** Sends a piece again and again, as fast as it is taken, until the connection ends. */
export function sendForever(socket: Socket, piece: string | Buffer): void {
  const next = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', next);
  next();
}

/** A list of these rows on its first page, nothing on all others. */
export function rows(...list: readonly string[]): Answer {
  return (exchange) => send(exchange, `{"sessions":[${exchange.page === 0 ? list.join() : ''}]}`);
}

/** A row in JSON: a running session with one participant; fields given here win. */
export function row(fields: Readonly<Record<string, unknown>> = {}): string {
  const startedAt = new Date(Date.now() - 60_000).toISOString();
  return JSON.stringify({
    sessionId: 'RM_good',
    roomName: 'a good room',
    createdAt: startedAt,
    lastActive: startedAt,
    numParticipants: 1,
    numActiveParticipants: 1,
    ...fields,
  });
}

export interface HostileApi {
  /** The base URL of the project of this name. */
  url(project: string): string;
  /** From now on all projects are answered well. */
  behave(): void;
  /** Every value of the header Authorization that arrived. */
  readonly authorizations: ReadonlySet<string>;
  /** Connections to the other server. */
  readonly strayed: () => number;
}

/** `answers` by the names of projects. */
export async function startHostileApi(
  answers: ReadonlyMap<string, Answer>,
  atEnd: AtEnd,
): Promise<HostileApi> {
  const sockets = new Set<Socket>();
  const authorizations = new Set<string>();
  let behaves = false;
  const good = rows(row());

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const [, project = '', page = ''] = /^GET \/([^/]*)\/.*[?&]page=(\d+)/.exec(head) ?? [];
        const [, authorization = ''] = /^authorization: (.*)$/im.exec(head) ?? [];
        authorizations.add(authorization);
        const answer = behaves ? good : answers.get(decodeURIComponent(project));
        answer?.({ socket, page: Number(page), authorization, elsewhere });
      }
    });
  });
  const url = await listen(server);
  let strayed = 0;
  const other = createServer((socket) => {
    strayed += 1;
    socket.destroy();
  });
  const elsewhere = await listen(other);
  atEnd(() => {
    server.close();
    other.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: (project) => `${url}/${encodeURIComponent(project)}`,
    behave: () => {
      behaves = true;
      for (const socket of sockets) socket.destroy();
    },
    authorizations,
    strayed: () => strayed,
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
