// OTLP over HTTP. Requests go through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name. Follows no redirect:
// the headers would go with it.
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { httpDate } from '../answers/http-date.ts';
import { quotation } from '../answers/quotation.ts';
import { retryAfterSeconds } from '../answers/retry-after.ts';
import { receiptOf, type Encoding } from './encoding.ts';
import { httpFailure, refusalWords } from './http-failure.ts';
import { networkFailure } from './network-failure.ts';
import { readSecrets, secretsOf, SendFailure } from './transport.ts';
import type { Headers, Receipt, TlsFiles, Transport, TransportOptions } from './transport.ts';

const gzip = promisify(gzipWithCallback);

/** How much of an answer is read: those that matter are a few words. */
const largestAnswerBytes = 64 * 2 ** 10;

export class HttpTransport implements Transport {
  readonly #options: TransportOptions & Pick<Encoding, 'contentType'>;
  /** Without the query, which can hold a key. */
  readonly #shownEndpoint: string;
  readonly #now: () => number;
  #connections: { readonly tls: TlsFiles; readonly agent: EnvHttpProxyAgent } | undefined;

  /** `now` is in Unix seconds. */
  constructor(options: TransportOptions & Pick<Encoding, 'contentType'>, now: () => number) {
    this.#options = options;
    const { origin, pathname } = new URL(options.endpoint);
    this.#shownEndpoint = origin + pathname;
    this.#now = now;
  }

  async send(body: Uint8Array, signal: AbortSignal): Promise<Receipt> {
    const { headers, tls } = readSecrets(this.#options);
    const secrets = secretsOf(headers);
    try {
      const answer = await this.#post(body, headers, this.#agent(tls), signal);
      const contentType = String(answer.headers['content-type'] ?? '');
      // The status says enough when the words do not arrive.
      const words = await readBeginning(answer.body).catch(() => new Uint8Array());
      signal.throwIfAborted();
      if (answer.statusCode < 300) return receiptOf(words, contentType, secrets);
      const serverTime = httpDate(headerOf(answer, 'date'));
      throw httpFailure({
        endpoint: this.#shownEndpoint,
        status: answer.statusCode,
        words: quotation(refusalWords(words, contentType), secrets),
        retryAfterSeconds: retryAfterSeconds(headerOf(answer, 'retry-after'), serverTime ?? this.#now()),
      });
    } catch (error) {
      if (signal.aborted || error instanceof SendFailure) throw error;
      throw networkFailure(this.#shownEndpoint, error, secrets);
    }
  }

  close(): void {
    void this.#connections?.agent.destroy();
    this.#connections = undefined;
  }

  async #post(
    body: Uint8Array,
    headers: Headers,
    dispatcher: Dispatcher,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { endpoint, compression, contentType, userAgent } = this.#options;
    const isCompressed = compression === 'gzip';
    return request(endpoint, {
      method: 'POST',
      headers: {
        'user-agent': userAgent,
        ...headers,
        'content-type': contentType,
        ...(isCompressed && { 'content-encoding': 'gzip' }),
      },
      body: isCompressed ? await gzip(body) : body,
      dispatcher,
      signal,
    });
  }

  /** Connections that were opened with other certificates are not used again. */
  #agent(tls: TlsFiles): EnvHttpProxyAgent {
    const { tls: before, agent } = this.#connections ?? {};
    if (agent && before?.ca === tls.ca && before?.cert === tls.cert && before?.key === tls.key) return agent;
    this.close();
    this.#connections = {
      tls,
      agent: new EnvHttpProxyAgent({ connect: { ...tls }, requestTls: { ...tls } }),
    };
    return this.#connections.agent;
  }
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

/** Leaving the loop early ends the connection. */
async function readBeginning(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= largestAnswerBytes) break;
  }
  return Buffer.concat(chunks);
}
