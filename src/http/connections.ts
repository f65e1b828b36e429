// The connections of one address, and how many answers each waits for. A new one always finds room: when there are
// too many, the one that has done nothing for longest makes way. Knows sockets, nothing of HTTP.
import type { Socket } from 'node:net';

export const mostConnections = 256;
/** Requests that a client may send ahead of their answers; Prometheus and browsers send none. */
const mostWaitedFor = 16;

interface Connection {
  /** Answers that it waits for. */
  waitingFor: number;
  /** When it last did something: the number of what was done before, by all of them. */
  lastDid: number;
}

export class Connections {
  readonly #open = new Map<Socket, Connection>();
  #done = 0;
  #closing = false;

  add(socket: Socket): void {
    if (this.#open.size >= mostConnections) this.#makeRoom();
    this.#open.set(socket, { waitingFor: 0, lastDid: ++this.#done });
    socket.once('close', () => this.#open.delete(socket));
  }

  /** Whether it is one of them, still open. */
  has(socket: Socket): boolean {
    return this.#open.has(socket);
  }

  /** A request has arrived. False when it need not be answered: its connection was cut off for asking too much. */
  asked(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    if (!connection || connection.waitingFor >= mostWaitedFor) {
      socket.destroy();
      return false;
    }
    connection.waitingFor += 1;
    connection.lastDid = ++this.#done;
    return true;
  }

  /** Whether it waits for an answer. */
  isWaiting(socket: Socket): boolean {
    return (this.#open.get(socket)?.waitingFor ?? 0) > 0;
  }

  /** An answer was sent, or its connection has broken. */
  answered(socket: Socket): void {
    const connection = this.#open.get(socket);
    // A broken connection is forgotten before its answers are.
    if (!connection) return;
    connection.waitingFor -= 1;
    connection.lastDid = ++this.#done;
    if (this.#closing && connection.waitingFor === 0) socket.end();
  }

  /** Cuts off who waits for nothing, and from now on whoever has got the last answer. */
  closeIdle(): void {
    this.#closing = true;
    for (const [socket, { waitingFor }] of this.#open) if (waitingFor === 0) socket.destroy();
  }

  /** Who waits for nothing goes first, else who has waited for longest: Prometheus waits for milliseconds. */
  #makeRoom(): void {
    let first: readonly [Socket, Connection] | undefined;
    for (const entry of this.#open) if (!first || goesBefore(entry[1], first[1])) first = entry;
    if (!first) return;
    const [socket] = first;
    this.#open.delete(socket);
    socket.destroy();
  }
}

function goesBefore(one: Connection, other: Connection): boolean {
  const isWaiting = one.waitingFor > 0;
  return isWaiting === other.waitingFor > 0 ? one.lastDid < other.lastDid : !isWaiting;
}
