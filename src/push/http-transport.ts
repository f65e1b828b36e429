// OTLP over HTTP. Follows no redirect: the headers would go with it.
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import { httpDate } from '../livekit/client/http-date.ts';
import { quotation } from '../lib/quotation.ts';
import { retryAfterSeconds } from '../livekit/client/retry-after.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import type { HostCertificates } from '../network/authorities.ts';
import { decodedBody } from '../network/decoded-body.ts';
import type { HttpClient } from '../network/http-client.ts';
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
  #connections: { readonly tls: HostCertificates; readonly client: Promise<HttpClient> } | undefined;

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
      const client = await untilAborted(this.#client(tls), signal);
      const answer = await this.#post(body, headers, client, signal);
      const { statusCode: status = 0, headers: answered } = answer;
      const contentType = answered['content-type'] ?? '';
      // The status says enough when the words do not arrive.
      const words = await readBeginning(answer).catch(() => new Uint8Array());
      signal.throwIfAborted();
      if (status >= 200 && status <= 299) return receiptOf(words, contentType, secrets);
      const serverTime = httpDate(answered.date);
      throw httpFailure({
        endpoint: this.#shownEndpoint,
        status,
        words: quotation(refusalWords(words, contentType), secrets),
        retryAfterSeconds: retryAfterSeconds(answered['retry-after'], serverTime ?? this.#now()),
      });
    } catch (error) {
      if (signal.aborted || error instanceof SendFailure) throw error;
      throw networkFailure(this.#shownEndpoint, error, secrets);
    }
  }

  close(): void {
    this.#connections?.client.then((client) => client.close()).catch(() => undefined);
    this.#connections = undefined;
  }

  async #post(
    body: Uint8Array,
    headers: Headers,
    client: HttpClient,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { endpoint, compression, contentType, userAgent } = this.#options;
    const isCompressed = compression === 'gzip';
    return client.send({
      url: new URL(endpoint),
      method: 'POST',
      headers: {
        'user-agent': userAgent,
        ...headers,
        'content-type': contentType,
        ...(isCompressed && { 'content-encoding': 'gzip' }),
      },
      body: isCompressed ? await gzip(body) : body,
      signal,
    });
  }

  #client(tls: HostCertificates): Promise<HttpClient> {
    if (this.#connections && isSameTls(tls, this.#connections.tls)) return this.#connections.client;
    this.close();
    const { endpoint, network, ways } = this.#options;
    this.#connections = { tls, client: ways.ownClient(new URL(endpoint), network, tls) };
    return this.#connections.client;
  }
}

/** Leaving the loop early ends the connection. */
async function readBeginning(answer: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of (decodedBody(answer) ?? []) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= largestAnswerBytes) break;
  }
  return Buffer.concat(chunks);
}
