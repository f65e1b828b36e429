// The access tokens of one project for one grant: signed by LiveKit's SDK, kept while they are valid, never shown.
import { SourceError } from '../../core/source-error.ts';
import { quotation } from '../../lib/text.ts';
import { ownTurn } from '../../lib/slices.ts';

/** Where the API key or the secret is read, again for each token: a file can change. */
export interface Credential {
  /** Rejected when it cannot be read. */
  read(): string | Promise<string>;
}

/** What a token allows: to list rooms and sessions, or to list egresses. */
export type Grant = 'roomList' | 'roomRecord';

export interface AccessTokensOptions {
  readonly apiKey: Credential;
  readonly apiSecret: Credential;
  /** Unix seconds. */
  readonly now: () => number;
}

const lifetimeSeconds = 600;
const renewalSeconds = 120;
/** Credentials are looked at again this often while a token is valid: a key that was rotated is used at once. */
const rotationSeconds = 1;
const remedy = 'check the API key and secret of the project: in the dashboard under Settings, API keys';

/** As LiveKit Cloud makes them. */
const keyForm = /^API[A-Za-z0-9]{6,24}$/;

/** `expiresAt` in Unix seconds. */
type SignedToken = Readonly<{ jwt: string; apiKey: string; secret: string; expiresAt: number }>;

/** Hands out a token that is valid for at least two minutes. */
export class AccessTokens {
  readonly #options: AccessTokensOptions;
  readonly #grant: Grant;
  #current: SignedToken | undefined;
  #signing: Promise<SignedToken> | undefined;
  /** When the credentials were last looked at, Unix seconds. */
  #lookedAt = -Infinity;

  constructor(options: AccessTokensOptions, grant: Grant = 'roomList') {
    this.#options = options;
    this.#grant = grant;
  }

  /** Rejected with a SourceError of reason `auth` when no token can be signed. */
  async get(): Promise<string> {
    const current = this.#current;
    if (current && this.#isFresh(current) && !(await this.#isRotated(current))) return current.jwt;
    this.#signing ??= this.#sign().finally(() => {
      this.#signing = undefined;
    });
    this.#current = await this.#signing;
    return this.#current.jwt;
  }

  /** The API refused this token: the next one is signed with credentials that are read again. */
  refused(jwt: string): void {
    if (this.#current?.jwt === jwt) this.#current = { ...this.#current, expiresAt: -Infinity };
  }

  /** What must never be shown: the last token, the secret it was signed with, and a key that may be a secret. */
  secrets(): readonly string[] {
    if (!this.#current) return [];
    const { jwt, apiKey, secret } = this.#current;
    return keyForm.test(apiKey) ? [jwt, secret] : [jwt, secret, apiKey];
  }

  /** Whether the key and the secret look as if each stood in the other's place. */
  seemSwapped(): boolean {
    const { apiKey = '', secret = '' } = this.#current ?? {};
    return keyForm.test(secret) && !keyForm.test(apiKey);
  }

  #isFresh({ expiresAt }: SignedToken): boolean {
    const left = expiresAt - this.#options.now();
    // More than its lifetime left: the clock was set back since it was signed.
    return left > renewalSeconds && left <= lifetimeSeconds;
  }

  async #isRotated({ apiKey, secret }: SignedToken): Promise<boolean> {
    const { now, apiKey: key, apiSecret } = this.#options;
    if (Math.abs(now() - this.#lookedAt) < rotationSeconds) return false;
    this.#lookedAt = now();
    try {
      return (await key.read()) !== apiKey || (await apiSecret.read()) !== secret;
    } catch {
      // Files that are just being replaced: the token at hand is still good.
      return false;
    }
  }

  async #sign(): Promise<SignedToken> {
    const { now } = this.#options;
    const apiKey = await read('key', this.#options.apiKey);
    const secret = await read('secret', this.#options.apiSecret);
    const expiresAt = now() + lifetimeSeconds;
    this.#lookedAt = now();
    try {
      // Loaded on first use, in a turn of its own: commands that ask no API need not wait for it.
      await ownTurn();
      const { AccessToken } = await import('livekit-server-sdk');
      await ownTurn();
      const token = new AccessToken(apiKey, secret, { ttl: lifetimeSeconds });
      token.addGrant({ [this.#grant]: true });
      return { jwt: await token.toJwt(), apiKey, secret, expiresAt };
    } catch (error) {
      const why = quotation(String(error), [secret, apiKey]);
      throw new SourceError('auth', `no access token could be signed: ${why}`, remedy);
    }
  }
}

async function read(what: 'key' | 'secret', credential: Credential): Promise<string> {
  let text: string;
  try {
    text = await credential.read();
  } catch (error) {
    const why = quotation(error instanceof Error ? error.message : String(error), []);
    throw new SourceError('auth', `the API ${what} could not be read: ${why}`, remedy);
  }
  // The SDK would fall back to environment variables of its own.
  if (text === '') throw new SourceError('auth', `the API ${what} is empty`, remedy);
  return text;
}
