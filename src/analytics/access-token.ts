// The access tokens of one project: signed by LiveKit's SDK, kept while they are valid, never shown.
import { SourceError } from '../core/source-error.ts';
import { ownTurn } from '../event-loop/turns.ts';
import { quotation } from './quotation.ts';

/** Where the API key or the secret is read, again for each token: a file can change. */
export interface Credential {
  /** Throws when it cannot be read. */
  read(): string;
}

export interface AccessTokensOptions {
  readonly apiKey: Credential;
  readonly apiSecret: Credential;
  /** Unix seconds. */
  readonly now: () => number;
}

const lifetimeSeconds = 600;
const renewalSeconds = 120;
const remedy = 'check the API key and secret of the project: in the dashboard under Settings, API keys';

interface SignedToken {
  readonly jwt: string;
  readonly secret: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Hands out a token that is valid for at least two minutes. */
export class AccessTokens {
  readonly #options: AccessTokensOptions;
  #current: SignedToken | undefined;
  #signing: Promise<SignedToken> | undefined;

  constructor(options: AccessTokensOptions) {
    this.#options = options;
  }

  /** Rejected with a SourceError of reason `auth` when no token can be signed. */
  async get(): Promise<string> {
    if (this.#current && this.#isFresh(this.#current)) return this.#current.jwt;
    this.#signing ??= this.#sign().finally(() => {
      this.#signing = undefined;
    });
    this.#current = await this.#signing;
    return this.#current.jwt;
  }

  /** The API refused this token: the next one is signed anew, with credentials read again. */
  refused(jwt: string): void {
    if (this.#current?.jwt === jwt) this.#current = { ...this.#current, expiresAt: -Infinity };
  }

  /** What must never be shown: the last token and the secret it was signed with. */
  secrets(): readonly string[] {
    return this.#current ? [this.#current.jwt, this.#current.secret] : [];
  }

  #isFresh({ expiresAt }: SignedToken): boolean {
    const left = expiresAt - this.#options.now();
    // More than its lifetime left: the clock was set back since it was signed.
    return left > renewalSeconds && left <= lifetimeSeconds;
  }

  async #sign(): Promise<SignedToken> {
    const apiKey = read('key', this.#options.apiKey);
    const secret = read('secret', this.#options.apiSecret);
    const expiresAt = this.#options.now() + lifetimeSeconds;
    try {
      // Loaded on first use, in a turn of its own: the SDK takes longer to load than the rest of the program.
      await ownTurn();
      const { AccessToken } = await import('livekit-server-sdk');
      await ownTurn();
      const token = new AccessToken(apiKey, secret, { ttl: lifetimeSeconds });
      token.addGrant({ roomList: true });
      return { jwt: await token.toJwt(), secret, expiresAt };
    } catch (error) {
      const why = quotation(String(error), [secret]);
      throw new SourceError('auth', `no access token could be signed: ${why}`, remedy);
    }
  }
}

function read(what: 'key' | 'secret', credential: Credential): string {
  let text: string;
  try {
    text = credential.read();
  } catch (error) {
    const why = quotation(error instanceof Error ? error.message : String(error), []);
    throw new SourceError('auth', `the API ${what} could not be read: ${why}`, remedy);
  }
  // The SDK would fall back to environment variables of its own.
  if (text === '') throw new SourceError('auth', `the API ${what} is empty`, remedy);
  return text;
}
