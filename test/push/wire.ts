// Reads and writes OTLP independently of the program: by another library, from a definition of the tests' own.
import protobuf from 'protobufjs';

const root = protobuf.loadSync('test/push/wire.proto');

export interface WireAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** 64-bit numbers are texts of decimal digits. */
export interface WirePoint {
  readonly attributes: readonly WireAttribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  /** Numbers. */
  readonly asDouble?: number;
  readonly asInt?: string;
  readonly flags: number;
  /** Histograms. */
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}

interface WireData {
  readonly dataPoints: readonly WirePoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

export interface WireMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge?: WireData;
  readonly sum?: WireData;
  readonly histogram?: WireData;
}

export interface WireRequest {
  readonly resourceMetrics: readonly {
    readonly resource?: { readonly attributes: readonly WireAttribute[] };
    readonly scopeMetrics: readonly {
      readonly scope?: { readonly name: string; readonly version: string };
      readonly metrics: readonly WireMetric[];
    }[];
  }[];
}

const request = root.lookupType('ExportMetricsServiceRequest');

/** Throws when the bytes are not such a message. */
export function decodeRequest(bytes: Uint8Array): WireRequest {
  return asWireRequest(request.decode(bytes));
}

/** Throws for what protobuf's JSON does not allow, unknown keys among it. */
export function decodeJsonRequest(text: string): WireRequest {
  const parsed = JSON.parse(text) as object;
  requireKnownKeys(parsed, request);
  return asWireRequest(request.fromObject(parsed));
}

function asWireRequest(message: protobuf.Message): WireRequest {
  const plain = request.toObject(message, { longs: String, defaults: true });
  return plain as WireRequest;
}

function requireKnownKeys(value: unknown, type: protobuf.Type): void {
  for (const [key, inner] of Object.entries(Object(value) as object)) {
    const field = type.fields[key];
    if (!field) throw new Error(`${type.name} has no field ${key}`);
    const innerType = field.resolve().resolvedType;
    if (!(innerType instanceof protobuf.Type)) continue;
    if (field.repeated !== Array.isArray(inner)) throw new Error(`${type.name}.${key} is a list or is none`);
    for (const one of [inner].flat()) requireKnownKeys(one, innerType);
  }
}

/** An answer to a request, in which points can be rejected. */
export function encodeResponse(partialSuccess?: {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}): Buffer {
  return encode('ExportMetricsServiceResponse', partialSuccess ? { partialSuccess } : {});
}

/** Why a request is refused, perhaps with a pause to make before the next. */
export function encodeStatus(code: number, message: string, retryAfterSeconds?: number): Buffer {
  const retryDelay = {
    seconds: Math.floor(retryAfterSeconds ?? 0),
    nanos: Math.round(((retryAfterSeconds ?? 0) % 1) * 1e9),
  };
  const other = { typeUrl: 'type.googleapis.com/google.rpc.Help', value: Buffer.from('\x08\x01') };
  const info = {
    typeUrl: 'type.googleapis.com/google.rpc.RetryInfo',
    value: encode('RetryInfo', { retryDelay }),
  };
  return encode('Status', { code, message, details: retryAfterSeconds === undefined ? [] : [other, info] });
}

function encode(typeName: string, message: object): Buffer {
  const type = root.lookupType(typeName);
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}
