// Who asks, by basic authentication (RFC 7617). Passwords are compared once and remembered as keyed digests, which
// are worth nothing outside of this process; how bcrypt compares is not known here.
import { createHmac, randomBytes } from 'node:crypto';

/** Whether a password belongs to a bcrypt hash. Rejected when that cannot be found out. */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>;

/** Too many passwords wait for being compared. */
export class TooManyPasswords extends Error {
  override readonly name = 'TooManyPasswords';
}

/** Verdicts remembered of each sort: refused passwords never push out one that was accepted. */
const mostVerdicts = 100;
/** Passwords that wait for being compared. */
const mostWaiting = 64;

/** Of no password that anybody knows; the cost is put in. */
const nobodysHash = (cost: string) => `$2y$${cost}$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi`;

export class BasicAuth {
  readonly #compare: ComparePassword;
  readonly #secret = randomBytes(32);
  readonly #accepted = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #running = new Map<string, Promise<boolean>>();

  constructor(compare: ComparePassword) {
    this.#compare = compare;
  }

  /**
   * Whether an Authorization header names one of the users with its password: at once where that is known, else
   * as a promise. Rejected with TooManyPasswords, or as the comparison is.
   */
  admits(authorization: string | undefined, users: ReadonlyMap<string, string>): boolean | Promise<boolean> {
    const given = parseAuthorization(authorization);
    if (!given) return false;
    const { user, password } = given;
    const known = users.get(user);
    // Nobody's password is compared as well, for the time that somebody's takes: it tells nothing about who is known.
    const hash = known ?? nobodysHash(this.#costFor(user, [...users.values()]));
    const key = this.#digest(user, hash, password);
    if (this.#accepted.has(key)) return known !== undefined;
    if (this.#refused.has(key)) return false;
    return this.#once(key, async () => (await this.#compare(password, hash)) && known !== undefined);
  }

  /** The same password given many times at once is compared once. */
  #once(key: string, compare: () => Promise<boolean>): Promise<boolean> {
    const running = this.#running.get(key);
    if (running) return running;
    if (this.#running.size >= mostWaiting) {
      return Promise.reject(new TooManyPasswords(`${mostWaiting} passwords wait for being compared`));
    }
    const verdict = compare().then((admitted) => {
      remember(admitted ? this.#accepted : this.#refused, key);
      return admitted;
    });
    this.#running.set(key, verdict);
    return verdict.finally(() => this.#running.delete(key));
  }

  /** Always the same for a name, and one that a user has: where costs differ, unknown users differ alike. */
  #costFor(user: string, hashes: readonly string[]): string {
    const place = this.#keyed(user).readUInt32BE() % hashes.length;
    return hashes[place]?.slice(4, 6) ?? '10';
  }

  #digest(...parts: readonly string[]): string {
    // Their lengths keep apart what would read the same in one piece.
    return this.#keyed(parts.map((part) => `${part.length}:${part}`).join('')).toString('base64');
  }

  #keyed(text: string): Buffer {
    return createHmac('sha256', this.#secret).update(text).digest();
  }
}

function remember(verdicts: Set<string>, key: string): void {
  verdicts.add(key);
  // The oldest makes room.
  for (const oldest of verdicts) {
    if (verdicts.size <= mostVerdicts) break;
    verdicts.delete(oldest);
  }
}

interface NamedPassword {
  readonly user: string;
  readonly password: string;
}

function parseAuthorization(authorization: string | undefined): NamedPassword | undefined {
  const [, encoded] = /^basic +([a-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString();
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
