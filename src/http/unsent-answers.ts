// The answers that clients have not taken yet. Clients that ask at the same time are sent the same bytes; those that
// ask and do not read would each hold bytes of another time, and are cut off when that comes to too much.

/** What an answer is written to. */
export interface Recipient {
  /** Emitted once. */
  on(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** Of different answers in all, unless two are larger: the newest is never given up. */
const mostBytes = 128 * 2 ** 20;

export class UnsentAnswers {
  /** By whom each is still awaited; the oldest comes first. */
  readonly #recipients = new Map<Buffer, Set<Recipient>>();
  #bytes = 0;

  /** `body` is about to be sent; to be called before. */
  add(body: Buffer, recipient: Recipient): void {
    let recipients = this.#recipients.get(body);
    if (!recipients) {
      recipients = new Set();
      this.#recipients.set(body, recipients);
      this.#bytes += body.length;
      this.#cutOff(Math.max(mostBytes, 2 * body.length));
    }
    recipients.add(recipient);
    recipient.on('close', () => this.#taken(body, recipient));
  }

  #taken(body: Buffer, recipient: Recipient): void {
    const recipients = this.#recipients.get(body);
    if (!recipients?.delete(recipient) || recipients.size > 0) return;
    this.#recipients.delete(body);
    this.#bytes -= body.length;
  }

  /** Gives up the oldest answers until the rest has no more bytes than this. */
  #cutOff(bytes: number): void {
    for (const [body, recipients] of this.#recipients) {
      if (this.#bytes <= bytes) return;
      this.#recipients.delete(body);
      this.#bytes -= body.length;
      for (const recipient of recipients) recipient.destroy();
    }
  }
}
