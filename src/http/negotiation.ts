// Chooses the format and coding of the metrics by Accept and Accept-Encoding (RFC 9110, section 12.5). Never answers "not
// acceptable": a client that accepts nothing on offer gets plain text 0.0.4, which is better than a failed scrape.
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';
import type { Encoding, Format } from '../lib/scrape.ts';

export interface Negotiated {
  readonly format: Format;
  readonly encoding: Encoding;
}

/** Prometheus 3 names one of these in Accept. Our names need none: they all come to the same text. */
const escapings = ['allow-utf-8', 'underscores', 'dots', 'values'];
const offers = (mediaType: string) =>
  escapings.map((escaping) => `${mediaType}; charset=utf-8; escaping=${escaping}`);
const textOffers = offers('text/plain; version=0.0.4');
const openMetricsOffers = offers('application/openmetrics-text; version=1.0.0');
/** In this order for clients that have no preference. */
const allOffers = [...textOffers, ...openMetricsOffers];
const encodings: readonly Encoding[] = ['gzip', 'identity'];

/** Clients send the same headers with every request, and parsing them takes longer than the rest of a small scrape. */
export class Negotiation {
  readonly #remembered = new LRUCache<string, Negotiated>({ max: 16 });

  of(accept = '', acceptEncoding = ''): Negotiated {
    const key = `${accept}\n${acceptEncoding}`;
    let negotiated = this.#remembered.get(key);
    if (!negotiated) this.#remembered.set(key, (negotiated = negotiate(accept, acceptEncoding)));
    return negotiated;
  }
}

function negotiate(accept: string, acceptEncoding: string): Negotiated {
  const negotiator = new Negotiator({ headers: { accept, 'accept-encoding': acceptEncoding } });
  const mediaType = accept === '' ? undefined : negotiator.mediaType(allOffers);
  return {
    format: mediaType !== undefined && openMetricsOffers.includes(mediaType) ? 'openmetrics' : 'text',
    encoding: negotiator.encoding([...encodings]) === 'gzip' ? 'gzip' : 'identity',
  };
}
