// A kept connection that scrapes /metrics as cheaply as can be: it counts the bytes of an answer and looks at
// none of them, so that what is measured is the server.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

const request = 'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n';
const lastChunk = Buffer.from('\r\n0\r\n\r\n');
const readBytes = 1024 * 1024;

export class ScrapeConnection {
  readonly #port: number;
  #socket: Promise<Socket> | undefined;
  /** Bytes of the answer that are still to come; Infinity when only its last chunk tells. */
  #left = 0;
  #beforeHead = false;
  #tail = Buffer.alloc(0);
  #answered: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;

  /** Opens with the first scrape: a server closes a connection that stays silent from its beginning. */
  constructor(port: number) {
    this.#port = port;
  }

  /** Scrapes once and resolves to the milliseconds from the request to the last byte. */
  async scrape(): Promise<number> {
    const socket = await (this.#socket ??= this.#open());
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      if (socket.destroyed) throw new Error('the server closed the connection while it was idle');
      this.#answered = resolve;
      this.#failed = reject;
      this.#beforeHead = true;
      socket.write(request);
    });
    return performance.now() - start;
  }

  close(): void {
    this.#failed = () => undefined;
    void this.#socket?.then((socket) => socket.destroy());
  }

  async #open(): Promise<Socket> {
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    const callback = (bytes: number) => {
      this.#read(buffer.subarray(0, bytes));
      return true;
    };
    const socket = connect({
      host: '127.0.0.1',
      port: this.#port,
      noDelay: true,
      onread: { buffer, callback },
    });
    socket.on('close', () => this.#failed(new Error('the server closed the connection')));
    await once(socket, 'connect');
    return socket;
  }

  #read(bytes: Buffer): void {
    let body = bytes;
    if (this.#beforeHead) {
      body = bytes.subarray(this.#readHead(bytes));
      this.#beforeHead = false;
    }
    this.#left -= body.length;
    if (this.#left === Infinity) {
      this.#tail = Buffer.concat([this.#tail, body.subarray(-lastChunk.length)]).subarray(-lastChunk.length);
      if (!this.#tail.equals(lastChunk)) return;
    } else if (this.#left > 0) return;
    this.#answered();
  }

  /** Where the body starts. Servers send the head in one piece. */
  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    const head = bytes.toString('latin1', 0, end);
    if (end < 0 || !head.startsWith('HTTP/1.1 200')) {
      this.#failed(new Error(`expected an answer with status 200, got: ${head.slice(0, 200)}`));
    }
    this.#left = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Infinity);
    this.#tail = Buffer.alloc(0);
    return end + 4;
  }
}
