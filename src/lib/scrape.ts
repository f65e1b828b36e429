// What a scrape asks for, what it is answered, and who makes it: the words that the server and the exposition share.

export type Format = 'text' | 'openmetrics';
export type Encoding = 'gzip' | 'identity';

export interface Wanted {
  readonly format: Format;
  readonly encoding: Encoding;
  /** The only project that is wanted; undefined: all. */
  readonly project?: string | undefined;
}

export interface Answer {
  /** Never changed, also after it was sent. */
  readonly body: Buffer;
  /** To be called when a scraper has received the whole body. Resolves once the values due by that are published. */
  readonly receivedBy: (scraper: Scraper) => Promise<void>;
}

/** As well as a request tells. */
export interface Scraper {
  /** Of the client, and of the proxies on its way where they say so. */
  readonly address: string;
  readonly agent: string;
  /** Kept for the next scrape as long as it is not destroyed. */
  readonly connection: { readonly destroyed: boolean };
  /** It gives a scrape up after so many milliseconds, which are no more than its interval; undefined: it does not say. */
  readonly timeout?: number | undefined;
  /** Set where no proxy can make several look like one. */
  readonly isOne?: true;
}
