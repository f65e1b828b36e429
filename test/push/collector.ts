// A receiver of OTLP for tests, behind real HTTP or gRPC: takes nothing that is not allowed, and answers as it is told.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Metadata, Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { Ledger, type Collected } from './collected.ts';
import { decodeJsonRequest, decodeRequest, encodeResponse, encodeStatus } from './wire.ts';

export interface CollectorTls {
  readonly cert: string;
  readonly key: string;
  /** When set, clients have to show a certificate of this authority. */
  readonly clientCa?: string;
}

/** How to answer a request; without `status` or `code` it is taken. */
export interface Reply {
  /** Of HTTP. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of what is due. */
  readonly body?: Uint8Array | string;
  /** Of gRPC. */
  readonly code?: number;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  /** Taken, but for so many points. */
  readonly rejected?: { readonly rejectedDataPoints: number; readonly errorMessage: string };
}

/** Never answers. */
export const hang = 'hang';
/** Ends the connection. */
export const drop = 'drop';

export interface ReceivedRequest extends Collected {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As they came, compressed or not. */
  readonly bytes: number;
}

export interface Collector {
  /** What to push to. */
  readonly endpoint: string;
  readonly port: number;
  /** All requests, in order, those that were refused too. */
  readonly requests: readonly ReceivedRequest[];
  /** What was not allowed in them. */
  readonly violations: readonly string[];
  /** How the next requests are answered, in this order; after that all are taken. */
  reply(...replies: readonly (Reply | typeof hang | typeof drop)[]): void;
  /** From now on all are taken. */
  forgetReplies(): void;
}

class Receiver {
  readonly ledger = new Ledger();
  readonly requests: ReceivedRequest[] = [];
  readonly replies: (Reply | typeof hang | typeof drop)[] = [];

  /** Reads a request and says what it is answered. */
  take(received: Omit<ReceivedRequest, keyof Collected>, read: () => Parameters<Ledger['collect']>[0]) {
    let collected: Collected;
    try {
      collected = this.ledger.collect(read());
    } catch (error) {
      this.ledger.violations.push(String(error));
      collected = { resource: {}, scope: { name: '', version: '' }, points: [] };
    }
    this.requests.push({ ...received, ...collected });
    const reply = this.replies.shift() ?? {};
    const isTaken = typeof reply === 'object' && reply.status === undefined && reply.code === undefined;
    if (isTaken) this.ledger.take(collected.points);
    return reply;
  }
}

export async function startHttpCollector(tls?: CollectorTls): Promise<Collector> {
  const receiver = new Receiver();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => respond(receiver, request, response, Buffer.concat(chunks)));
  };
  const server = tls
    ? createTlsServer({ ...tls, ca: tls.clientCa, requestCert: tls.clientCa !== undefined }, answer)
    : createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${String(port)}/v1/metrics`;
  return asCollector(receiver, endpoint, port);
}

function respond(receiver: Receiver, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const contentType = request.headers['content-type'] ?? '';
  const received = {
    path: request.url ?? '',
    headers: request.headers as Record<string, string>,
    bytes: body.length,
  };
  const reply = receiver.take(received, () => {
    if (request.method !== 'POST') throw new Error(`the method is ${String(request.method)}`);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (contentType === 'application/json') return decodeJsonRequest(text.toString());
    if (contentType === 'application/x-protobuf') return decodeRequest(text);
    throw new Error(`the content type is ${contentType}`);
  });
  if (reply === hang) return;
  if (reply === drop) return void request.socket.destroy();
  const isJson = contentType === 'application/json';
  const due =
    reply.status !== undefined
      ? encodeStatus(2, reply.message ?? '')
      : isJson
        ? JSON.stringify({
            partialSuccess: reply.rejected && {
              ...reply.rejected,
              rejectedDataPoints: String(reply.rejected.rejectedDataPoints),
            },
          })
        : encodeResponse(reply.rejected);
  response.writeHead(reply.status ?? 200, { 'content-type': contentType, ...reply.headers });
  response.end(reply.body ?? due);
}

export async function startGrpcCollector(tls?: CollectorTls): Promise<Collector> {
  const receiver = new Receiver();
  const server = new Server();
  const asIs = (bytes: Buffer): Buffer => bytes;
  server.addService(
    {
      export: {
        path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    {
      export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        const headers = Object.fromEntries(
          Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]),
        );
        const received = { path: call.getPath(), headers, bytes: call.request.length };
        const reply = receiver.take(received, () => decodeRequest(call.request));
        if (reply === hang || reply === drop) return;
        const { code, message = '', retryAfterSeconds, rejected } = reply;
        if (code === undefined) return callback(null, encodeResponse(rejected));
        const metadata = new Metadata();
        if (retryAfterSeconds !== undefined) {
          metadata.set('grpc-status-details-bin', encodeStatus(code, message, retryAfterSeconds));
        }
        callback({ code, details: message, metadata });
      },
    },
  );
  const credentials = tls
    ? ServerCredentials.createSsl(
        tls.clientCa === undefined ? null : Buffer.from(tls.clientCa),
        [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }],
        tls.clientCa !== undefined,
      )
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  onTestFinished(() => server.forceShutdown());
  return asCollector(receiver, `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${String(port)}`, port);
}

function asCollector({ requests, ledger, replies }: Receiver, endpoint: string, port: number): Collector {
  return {
    endpoint,
    port,
    requests,
    violations: ledger.violations,
    reply: (...more) => void replies.push(...more),
    forgetReplies: () => void replies.splice(0),
  };
}

/** By protocol. */
export const startCollector = {
  'http/protobuf': startHttpCollector,
  'http/json': startHttpCollector,
  grpc: startGrpcCollector,
} as const;
