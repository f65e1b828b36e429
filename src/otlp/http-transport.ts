// OTLP over HTTP, by Node's fetch. Follows no redirect: the headers would go with it.
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import { httpDate } from '../answers/http-date.ts';
import { quotation } from '../answers/quotation.ts';
import { retryAfterSeconds } from '../answers/retry-after.ts';
import type { HostCertificates } from '../network/authorities.ts';
import type { FetchDispatcher } from '../network/network.ts';
import { receiptOf, type Encoding } from './encoding.ts';
import { httpFailure, refusalWords } from './http-failure.ts';
import { networkFailure } from './network-failure.ts';
import { isSameTls, readSecrets, secretsOf, SendFailure } from './transport.ts';
import type { Headers, Receipt, Transport, TransportOptions } from './transport.ts';

const gzip = promisify(gzipWithCallback);

/** How much of an answer is read: those that matter are a few words. */
const largestAnswerBytes = 64 * 2 ** 10;

export class HttpTransport implements Transport {
  readonly #options: TransportOptions & Pick<Encoding, 'contentType'>;
  /** Without the query, which can hold a key. */
  readonly #shownEndpoint: string;
  readonly #now: () => number;
  #connections:
    { readonly tls: HostCertificates; readonly dispatcher: Promise<FetchDispatcher | undefined> } | undefined;

  /** `now` is in Unix seconds. */
  constructor(options: TransportOptions & Pick<Encoding, 'contentType'>, now: () => number) {
    this.#options = options;
    const { origin, pathname } = new URL(options.endpoint);
    this.#shownEndpoint = origin + pathname;
    this.#now = now;
  }

  async send(body: Uint8Array, signal: AbortSignal): Promise<Receipt> {
    const { headers, tls } = readSecrets(this.#options);
    const secrets = secretsOf(headers, this.#options.network);
    try {
      const answer = await this.#post(body, headers, await this.#dispatcher(tls), signal);
      const contentType = answer.headers.get('content-type') ?? '';
      // The status says enough when the words do not arrive.
      const words = await readBeginning(answer).catch(() => new Uint8Array());
      signal.throwIfAborted();
      if (answer.ok) return receiptOf(words, contentType, secrets);
      const serverTime = httpDate(answer.headers.get('date'));
      throw httpFailure({
        endpoint: this.#shownEndpoint,
        status: answer.status,
        words: quotation(refusalWords(words, contentType), secrets),
        retryAfterSeconds: retryAfterSeconds(answer.headers.get('retry-after'), serverTime ?? this.#now()),
      });
    } catch (error) {
      if (signal.aborted || error instanceof SendFailure) throw error;
      throw networkFailure(this.#shownEndpoint, error, secrets);
    }
  }

  close(): void {
    this.#connections?.dispatcher.then((dispatcher) => dispatcher?.destroy()).catch(() => undefined);
    this.#connections = undefined;
  }

  async #post(
    body: Uint8Array,
    headers: Headers,
    dispatcher: FetchDispatcher | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const { endpoint, compression, contentType, userAgent } = this.#options;
    const isCompressed = compression === 'gzip';
    return fetch(endpoint, {
      method: 'POST',
      headers: {
        'user-agent': userAgent,
        ...headers,
        'content-type': contentType,
        ...(isCompressed && { 'content-encoding': 'gzip' }),
      },
      body: isCompressed ? await gzip(body) : body,
      redirect: 'manual',
      signal,
      ...(dispatcher && { dispatcher }),
    });
  }

  #dispatcher(tls: HostCertificates): Promise<FetchDispatcher | undefined> {
    if (this.#connections && isSameTls(tls, this.#connections.tls)) return this.#connections.dispatcher;
    this.close();
    const { endpoint, network, ways } = this.#options;
    this.#connections = { tls, dispatcher: ways.ownDispatcher(new URL(endpoint), network, tls) };
    return this.#connections.dispatcher;
  }
}

/** Leaving the loop early ends the connection. */
async function readBeginning({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= largestAnswerBytes) break;
  }
  return Buffer.concat(chunks);
}
