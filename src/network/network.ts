// How requests get to their hosts: through which proxy, and trusting whom. Reads certificates only when TLS needs them.
import type { AuthoritySource, FoundAuthorities, HostCertificates } from './authorities.ts';
import type { Way } from './connection.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import type { Proxy } from './proxy-error.ts';

/** A way as it is configured. */
export interface WayNamed {
  readonly proxy: Proxy | undefined;
  /** Beside Node's own. */
  readonly authorities: readonly AuthoritySource[];
}

/** Without a proxy, trusting whom Node trusts. */
export const direct: WayNamed = { proxy: undefined, authorities: [] };

/** The way of the requests to one host. */
export interface Route {
  /** The address of the proxy, fit to be shown; undefined when there is none. */
  readonly proxy: string | undefined;
  /** What must never be shown. */
  readonly secrets: readonly string[];
  /** What sends the requests. */
  client(): Promise<HttpClient>;
}

/** Told once of each source of authorities that has a `problem`. */
export type OnProblem = (found: FoundAuthorities) => void;

/** Connections, and what was read for them, are shared by all routes of one way. */
export class Network {
  readonly #onProblem: OnProblem;
  readonly #authorities = new Map<string, Promise<ReadAuthorities>>();
  readonly #clients = new Map<string, Promise<HttpClient>>();

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  route(url: URL, named: WayNamed): Route {
    const { proxy, authorities } = named;
    const key = JSON.stringify([url.protocol, proxy, authorities]);
    return {
      proxy: proxy?.address,
      secrets: proxySecrets(proxy),
      client: () => {
        const client = this.#clients.get(key) ?? this.ownClient(url, named);
        this.#clients.set(key, client);
        return client;
      },
    };
  }

  /** Shared with nobody: who asks for it closes it. The host may have certificates of its own. */
  async ownClient(url: URL, named: WayNamed, certificates?: HostCertificates): Promise<HttpClient> {
    return createHttpClient(url.protocol, await this.way(url, named, certificates));
  }

  async way(url: URL, { proxy, authorities }: WayNamed, certificates: HostCertificates = {}): Promise<Way> {
    const usesTls = [url.href, proxy?.address].some((address) => address?.startsWith('https:'));
    if (!usesTls) return { proxy, secureContext: undefined };
    const { found, context } = await this.#read(authorities);
    if (Object.keys(certificates).length === 0) return { proxy, secureContext: context };
    const { hostContextWith } = await import('./authorities.ts');
    return { proxy, secureContext: context, hostContext: hostContextWith(found, certificates) };
  }

  #read(authorities: readonly AuthoritySource[]): Promise<ReadAuthorities> {
    const key = JSON.stringify(authorities);
    const read = this.#authorities.get(key) ?? this.#readAnew(authorities);
    this.#authorities.set(key, read);
    return read;
  }

  async #readAnew(authorities: readonly AuthoritySource[]): Promise<ReadAuthorities> {
    const { contextWith, findAuthorities } = await import('./authorities.ts');
    const found = await Promise.all(authorities.map(findAuthorities));
    for (const one of found) if (one.problem !== undefined) this.#onProblem(one);
    return { found, context: contextWith(found) };
  }
}

interface ReadAuthorities {
  readonly found: readonly FoundAuthorities[];
  readonly context: Way['secureContext'];
}

/** What must never be shown of a proxy. */
export function proxySecrets({ credentials }: Partial<Proxy> = {}): string[] {
  if (credentials === undefined) return [];
  const password = credentials.slice(credentials.indexOf(':') + 1);
  return [Buffer.from(credentials).toString('base64'), credentials, password].filter((text) => text !== '');
}
