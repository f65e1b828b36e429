// Basic authentication (RFC 7617). Each password is compared once, one after the other, and remembered as a keyed digest,
// which is worthless outside this process.
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';

/** Whether a password matches a bcrypt hash. Rejected when it cannot be compared. */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>;

/** Verdicts remembered of each sort: refused passwords never push out one that was accepted. */
const mostVerdicts = 100;

/** A hash that no known password matches, with the cost of the users' hashes. */
function nobodysHash(users: ReadonlyMap<string, string>): string {
  const [hash = '$2y$10'] = users.values();
  return `${hash.slice(0, 6)}$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi`;
}

/** In a thread, whose code the build puts next to the program: bcryptjs would block the event loop for up to 100 ms. */
const compareInThread: ComparePassword = (password, hash) =>
  new Promise((resolve, reject) => {
    const file = join(import.meta.dirname, 'bcrypt-thread.js');
    // It needs nothing of the environment, which holds secrets.
    const thread = new Worker(file, { workerData: { password, hash }, env: {}, execArgv: [] });
    thread.unref();
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the thread ended with exit code ${String(code)}`)));
  });

export class BasicAuth {
  readonly #compare: ComparePassword;
  readonly #inTurn = pLimit(1);
  readonly #secret = randomBytes(32);
  readonly #accepted = new LRUCache<string, true>({ max: mostVerdicts });
  readonly #refused = new LRUCache<string, true>({ max: mostVerdicts });
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(compare = compareInThread) {
    this.#compare = compare;
  }

  /** At once where the verdict is known, else a promise, rejected when the password cannot be compared. */
  admits(authorization: string | undefined, users: ReadonlyMap<string, string>): boolean | Promise<boolean> {
    const given = parseAuthorization(authorization);
    if (!given) return false;
    const { user, password } = given;
    const known = users.get(user);
    // Unknown users are compared as well: the time an answer takes does not tell which users exist.
    const hash = known ?? nobodysHash(users);
    const key = this.#digest(user, hash, password);
    if (this.#accepted.get(key)) return known !== undefined;
    if (this.#refused.get(key)) return false;
    const running = this.#running.get(key);
    if (running) return running;

    const verdict = this.#inTurn(this.#compare, password, hash)
      .then((matches) => {
        const admitted = matches && known !== undefined;
        (admitted ? this.#accepted : this.#refused).set(key, true);
        return admitted;
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, verdict);
    return verdict;
  }

  #digest(...parts: readonly string[]): string {
    // With their lengths, different parts never give the same text.
    const text = parts.map((part) => `${part.length}:${part}`).join('');
    return createHmac('sha256', this.#secret).update(text).digest('base64');
  }
}

function parseAuthorization(authorization = ''): { user: string; password: string } | undefined {
  const [, encoded] = /^basic +([a-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString();
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
