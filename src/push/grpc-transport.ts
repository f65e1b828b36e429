// OTLP over gRPC. The library makes the connections, through a proxy too, and compresses.
import { Client, credentials, Metadata, setLogger } from '@grpc/grpc-js';
import type { ClientOptions, ServiceError } from '@grpc/grpc-js';
import { quotation } from '../lib/quotation.ts';
import type { HostCertificates } from '../network/authorities.ts';
import type { Way } from '../network/connection.ts';
import { receiptOf } from './encoding.ts';
import { grpcFailure } from './grpc-failure.ts';
import { networkFailure } from './network-failure.ts';
import { readRpcStatus } from './rpc-status.ts';
import { isSameTls, readSecrets, secretsOf } from './transport.ts';
import type { Receipt, Transport, TransportOptions } from './transport.ts';

const exportPath = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
/** As CompressionAlgorithms of the library, which does not export its names. */
const compressionNumbers = { none: 0, gzip: 2 } as const;
/** By default the library would wait up to two minutes before it connects again, longer than a push waits. */
const longestReconnectMilliseconds = 5000;

// What the library says at its most talkative holds headers.
setLogger({ error: () => undefined, info: () => undefined, debug: () => undefined });

export class GrpcTransport implements Transport {
  readonly #options: TransportOptions;
  #connection: { readonly tls: HostCertificates; readonly client: Promise<Client> } | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async send(request: Uint8Array, signal: AbortSignal): Promise<Receipt> {
    const { headers, tls } = readSecrets(this.#options);
    const secrets = secretsOf(headers, this.#options.network);
    const client = await this.#client(tls).catch((error: unknown) => {
      throw networkFailure(this.#options.endpoint, error, secrets);
    });
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      const call = client.makeUnaryRequest(
        exportPath,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.from(request.buffer, request.byteOffset, request.byteLength),
        metadata,
        (error, answer) => {
          signal.removeEventListener('abort', cancel);
          if (error) reject(this.#failure(error, secrets));
          else resolve(receiptOf(answer ?? new Uint8Array(), 'application/grpc', secrets));
        },
      );
      const cancel = () => call.cancel();
      signal.addEventListener('abort', cancel);
    });
  }

  close(): void {
    this.#connection?.client.then((client) => client.close()).catch(() => undefined);
    this.#connection = undefined;
  }

  #failure({ code, details, metadata }: ServiceError, secrets: readonly string[]) {
    const [status] = metadata.get('grpc-status-details-bin');
    return grpcFailure({
      endpoint: this.#options.endpoint,
      code,
      details,
      quoted: quotation(details, secrets),
      proxy: this.#options.network.proxy,
      retryAfterSeconds: status instanceof Buffer ? readRpcStatus(status).retryAfterSeconds : undefined,
    });
  }

  #client(tls: HostCertificates): Promise<Client> {
    if (this.#connection && isSameTls(tls, this.#connection.tls)) return this.#connection.client;
    this.close();
    this.#connection = { tls, client: this.#open(tls) };
    return this.#connection.client;
  }

  async #open(tls: HostCertificates): Promise<Client> {
    const { endpoint, compression, userAgent, network, ways } = this.#options;
    const url = new URL(endpoint);
    const isSecure = url.protocol === 'https:';
    const target = `${url.hostname}:${url.port || (isSecure ? '443' : '80')}`;
    const { proxy, secureContext, hostContext = secureContext } = await ways.way(url, network, tls);
    return new Client(
      proxy ? proxy.address.replace('http://', '') : target,
      isSecure ? secured(hostContext) : credentials.createInsecure(),
      {
        ...throughProxy(target, proxy),
        'grpc.default_compression_algorithm': compressionNumbers[compression],
        'grpc.primary_user_agent': userAgent,
        'grpc.max_reconnect_backoff_ms': longestReconnectMilliseconds,
      },
    );
  }
}

function secured(context: Way['secureContext']): ReturnType<typeof credentials.createSsl> {
  return context ? credentials.createFromSecureContext(context) : credentials.createSsl();
}

/** The library would look for a proxy in other variables, and knows no others. */
function throughProxy(target: string, proxy: Way['proxy']): ClientOptions {
  return {
    'grpc.enable_http_proxy': 0,
    ...(proxy && {
      'grpc.default_authority': target,
      'grpc.http_connect_target': `dns:${target}`,
      ...(proxy.credentials !== undefined && { 'grpc.http_connect_creds': proxy.credentials }),
    }),
  };
}
