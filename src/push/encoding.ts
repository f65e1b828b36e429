// The two ways in which OTLP writes requests and answers, both by OpenTelemetry's serializers.
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { quotation } from '../lib/quotation.ts';
import type { Receipt } from './transport.ts';

export interface Encoding {
  readonly contentType: string;
  serialize(request: ResourceMetrics): Uint8Array;
  /** How a value is given to the serializer. */
  readonly writtenAs: (value: number) => number;
}

export const protobuf: Encoding = {
  contentType: 'application/x-protobuf',
  serialize: (request) => whole(ProtobufMetricsSerializer.serializeRequest(request)),
  writtenAs: (value) => value,
};

export const json: Encoding = {
  contentType: 'application/json',
  serialize: (request) => whole(JsonMetricsSerializer.serializeRequest(request)),
  // JSON has no NaN and no infinity; where protobuf is written as JSON they are texts, which the serializer passes on.
  writtenAs: (value) => (Number.isFinite(value) ? value : (String(value) as unknown as number)),
};

function whole(serialized: Uint8Array | undefined): Uint8Array {
  if (!serialized) throw new Error('The serializer made nothing of a request.');
  return serialized;
}

/**
 * What the body of a success says of points that were not taken; nothing when it says something else. What it is
 * written in is its own `contentType`, which need not be the request's; not all receivers write what OTLP wants.
 */
export function receiptOf(body: Uint8Array, contentType: string, secrets: readonly string[]): Receipt {
  const serializer = isJson(contentType) ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  try {
    const { partialSuccess } = serializer.deserializeResponse(body) ?? {};
    // JSON may hold anything, and writes whole numbers as texts.
    const rejected = Number(partialSuccess?.rejectedDataPoints ?? 0);
    return {
      rejectedPoints: rejected > 0 ? rejected : 0,
      message: quotation(String(partialSuccess?.errorMessage ?? ''), secrets),
    };
  } catch {
    return { rejectedPoints: 0, message: '' };
  }
}

export function isJson(contentType: string): boolean {
  return /^application\/([\w.+-]+\+)?json\b/i.test(contentType);
}
