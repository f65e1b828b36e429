// The connections of one address, and how many answers each waits for. A new one always finds room: when there are
// too many, the one that has done nothing for longest makes way. Knows sockets, nothing of HTTP.
import type { Socket } from 'node:net';

export const mostConnections = 256;
/** Requests that a client may send ahead of their answers; Prometheus and browsers send none. */
const mostWaitedFor = 16;

export class Connections {
  /** How many answers each waits for. Who did something last comes last. */
  readonly #waiting = new Map<Socket, number>();
  #closing = false;

  add(socket: Socket): void {
    if (this.#waiting.size >= mostConnections) this.#makeRoom();
    this.#waiting.set(socket, 0);
    socket.once('close', () => this.#waiting.delete(socket));
  }

  /** Whether it is one of them, still open. */
  has(socket: Socket): boolean {
    return this.#waiting.has(socket);
  }

  /** A request has arrived. False when it need not be answered: its connection was cut off for asking too much. */
  asked(socket: Socket): boolean {
    const answers = this.#waiting.get(socket);
    if (answers === undefined || answers >= mostWaitedFor) {
      socket.destroy();
      return false;
    }
    this.#update(socket, answers + 1);
    return true;
  }

  /** Whether it waits for an answer. */
  isWaiting(socket: Socket): boolean {
    return (this.#waiting.get(socket) ?? 0) > 0;
  }

  /** An answer was sent, or its connection has broken. */
  answered(socket: Socket): void {
    const answers = this.#waiting.get(socket);
    // A broken connection is forgotten before its answers are.
    if (answers === undefined) return;
    this.#update(socket, answers - 1);
    if (this.#closing && answers === 1) socket.end();
  }

  /** Cuts off who waits for nothing, and from now on whoever has got the last answer. */
  closeIdle(): void {
    this.#closing = true;
    for (const [socket, answers] of this.#waiting) if (answers === 0) socket.destroy();
  }

  #update(socket: Socket, answers: number): void {
    this.#waiting.delete(socket);
    this.#waiting.set(socket, answers);
  }

  /** Who waits for nothing goes first, else who has waited for longest: Prometheus waits for milliseconds. */
  #makeRoom(): void {
    let oldest: Socket | undefined;
    for (const [socket, answers] of this.#waiting) {
      oldest ??= socket;
      if (answers > 0) continue;
      oldest = socket;
      break;
    }
    if (!oldest) return;
    this.#waiting.delete(oldest);
    oldest.destroy();
  }
}
