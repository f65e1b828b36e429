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

interface UnsentAnswer {
  readonly body: Buffer;
  /** Who still awaits it. */
  readonly recipients: Recipient[];
}

/** There are few: lists of them cost less than maps and sets, which grow and shrink with each scrape. */
export class UnsentAnswers {
  /** The oldest comes first. */
  readonly #answers: UnsentAnswer[] = [];
  #bytes = 0;

  /** `body` is about to be sent; to be called before. Recipients do not keep it: one of them can outlive its answer. */
  add(body: Buffer, recipient: Recipient): void {
    this.#answerOf(body).recipients.push(recipient);
    recipient.on('close', () => this.#taken(recipient));
  }

  /** A method of its own: the functions of one function keep what any of them needs. */
  #answerOf(body: Buffer): UnsentAnswer {
    const known = this.#answers.find((answer) => answer.body === body);
    if (known) return known;
    const answer = { body, recipients: [] };
    this.#answers.push(answer);
    this.#bytes += body.length;
    this.#cutOff(Math.max(mostBytes, 2 * body.length));
    return answer;
  }

  #taken(recipient: Recipient): void {
    const answer = this.#answers.find(({ recipients }) => remove(recipients, recipient));
    if (!answer || answer.recipients.length > 0) return;
    remove(this.#answers, answer);
    this.#bytes -= answer.body.length;
  }

  /** Gives up the oldest answers until the rest has no more bytes than this. */
  #cutOff(bytes: number): void {
    while (this.#bytes > bytes) {
      const { body, recipients } = this.#answers.shift() as UnsentAnswer;
      this.#bytes -= body.length;
      for (const recipient of recipients) recipient.destroy();
    }
  }
}

/** Whether it was there. */
function remove<Item>(items: Item[], item: Item): boolean {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
  return index >= 0;
}
