// OTLP over gRPC. The library goes through the proxy that the environment names, and compresses.
import { Client, credentials, Metadata, setLogger } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { quotation } from '../answers/quotation.ts';
import { receiptOf } from './encoding.ts';
import { grpcFailure } from './grpc-failure.ts';
import { readRpcStatus } from './rpc-status.ts';
import { readSecrets, secretsOf } from './transport.ts';
import type { Receipt, TlsFiles, Transport, TransportOptions } from './transport.ts';

const exportPath = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
/** As CompressionAlgorithms of the library, which does not export its names. */
const compressionNumbers = { none: 0, gzip: 2 } as const;
/** By default the library would wait up to two minutes before it connects again, longer than a push waits. */
const longestReconnectMilliseconds = 5000;

// What the library says at its most talkative holds headers.
setLogger({ error: () => undefined, info: () => undefined, debug: () => undefined });

export class GrpcTransport implements Transport {
  readonly #options: TransportOptions;
  #connection: { readonly tls: TlsFiles; readonly client: Client } | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  send(request: Uint8Array, signal: AbortSignal): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const { headers, tls } = readSecrets(this.#options);
      const secrets = secretsOf(headers);
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      const call = this.#client(tls).makeUnaryRequest(
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
    this.#connection?.client.close();
    this.#connection = undefined;
  }

  #failure({ code, details, metadata }: ServiceError, secrets: readonly string[]) {
    const [status] = metadata.get('grpc-status-details-bin');
    return grpcFailure({
      endpoint: this.#options.endpoint,
      code,
      details,
      quoted: quotation(details, secrets),
      retryAfterSeconds: status instanceof Buffer ? readRpcStatus(status).retryAfterSeconds : undefined,
    });
  }

  /** A connection that was opened with other certificates is not used again. */
  #client(tls: TlsFiles): Client {
    const { tls: before, client } = this.#connection ?? {};
    if (client && before?.ca === tls.ca && before?.cert === tls.cert && before?.key === tls.key)
      return client;
    this.close();
    const { endpoint, compression, userAgent } = this.#options;
    const { protocol, hostname, port } = new URL(endpoint);
    const isSecure = protocol === 'https:';
    this.#connection = {
      tls,
      client: new Client(
        `${hostname}:${port || (isSecure ? '443' : '80')}`,
        isSecure
          ? credentials.createSsl(inBytes(tls.ca), inBytes(tls.key), inBytes(tls.cert))
          : credentials.createInsecure(),
        {
          'grpc.default_compression_algorithm': compressionNumbers[compression],
          'grpc.primary_user_agent': userAgent,
          'grpc.max_reconnect_backoff_ms': longestReconnectMilliseconds,
        },
      ),
    };
    return this.#connection.client;
  }
}

function inBytes(text: string | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text);
}
