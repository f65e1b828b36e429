// How requests get to their hosts, in the form that fetch takes. Loads what that needs only when it is needed: without
// a proxy and without authorities of one's own, fetch goes its own way.
import type { AuthoritySource, FoundAuthorities, HostCertificates } from './authorities.ts';
import type { Way } from './connection.ts';
import type { Proxy } from './proxy-error.ts';

/** A way as it is configured. */
export interface WayNamed {
  readonly proxy: Proxy | undefined;
  /** Beside Node's own. */
  readonly authorities: readonly AuthoritySource[];
}

/** Node's fetch takes one of another release than its own: what it uses is the same, only the types differ. */
export type FetchDispatcher = NonNullable<RequestInit['dispatcher']>;

/** The way of the requests to one host. */
export interface Route {
  /** The address of the proxy, fit to be shown; undefined when there is none. */
  readonly proxy: string | undefined;
  /** What must never be shown. */
  readonly secrets: readonly string[];
  /** What fetch is to be given; undefined when it needs nothing. */
  dispatcher(): Promise<FetchDispatcher | undefined>;
}

/** Told once of each source of authorities that has a `problem`. */
export type OnProblem = (found: FoundAuthorities) => void;

/** Connections, and what was read for them, are shared by all routes of one way. */
export class Network {
  readonly #onProblem: OnProblem;
  readonly #authorities = new Map<string, Promise<ReadAuthorities>>();
  readonly #dispatchers = new Map<string, Promise<FetchDispatcher | undefined>>();

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  route(url: URL, named: WayNamed): Route {
    const { proxy, authorities } = named;
    const key = JSON.stringify([url.protocol, proxy, authorities]);
    return {
      proxy: proxy?.address,
      secrets: proxySecrets(proxy),
      dispatcher: async () => {
        const dispatcher = this.#dispatchers.get(key) ?? this.#makeDispatcher(url, named);
        this.#dispatchers.set(key, dispatcher);
        return dispatcher;
      },
    };
  }

  /** What fetch is to be given for a host with certificates of its own. Shared with nobody: who asks for it ends it. */
  ownDispatcher(
    url: URL,
    named: WayNamed,
    certificates: HostCertificates,
  ): Promise<FetchDispatcher | undefined> {
    return this.#makeDispatcher(url, named, certificates);
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

  async #makeDispatcher(
    url: URL,
    named: WayNamed,
    certificates: HostCertificates = {},
  ): Promise<FetchDispatcher | undefined> {
    const isPlain = Object.keys(certificates).length === 0 && named.authorities.length === 0;
    if (!named.proxy && isPlain) return undefined;
    const way = await this.way(url, named, certificates);
    if (!way.proxy && !way.secureContext && !way.hostContext) return undefined;
    const { createDispatcher } = await import('./dispatcher.ts');
    return createDispatcher(url.protocol, way) as unknown as FetchDispatcher;
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
