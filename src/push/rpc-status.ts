// Reads google.rpc.Status, in which receivers say why they refuse a request.
// https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto

export interface RpcStatus {
  /** Empty when it says nothing. */
  readonly message: string;
  /** The pause that a RetryInfo among its details asks for. */
  readonly retryAfterSeconds: number | undefined;
}

const retryInfo = 'type.googleapis.com/google.rpc.RetryInfo';

/** What of the bytes can be read: a status that is cut off or something else gives what came before. */
export function readRpcStatus(bytes: Uint8Array): RpcStatus {
  let message = '';
  let retryAfterSeconds: number | undefined;
  for (const { number, value } of fields(bytes)) {
    if (number === 2 && typeof value !== 'number') message = text(value);
    if (number === 3 && typeof value !== 'number') retryAfterSeconds ??= retryDelay(value);
  }
  return { message, retryAfterSeconds };
}

/** Seconds, when this google.protobuf.Any is a RetryInfo. */
function retryDelay(any: Uint8Array): number | undefined {
  const { 1: type, 2: info } = byNumber(any);
  if (!(type instanceof Uint8Array) || text(type) !== retryInfo || !(info instanceof Uint8Array))
    return undefined;
  const { 1: duration } = byNumber(info);
  if (!(duration instanceof Uint8Array)) return undefined;
  const { 1: seconds, 2: nanoseconds } = byNumber(duration);
  return asNumber(seconds) + asNumber(nanoseconds) / 1e9;
}

type FieldValue = number | Uint8Array;

function byNumber(bytes: Uint8Array): Readonly<Record<number, FieldValue>> {
  return Object.fromEntries(Array.from(fields(bytes), ({ number, value }) => [number, value]));
}

function asNumber(value: FieldValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The numbers and bytes of a protobuf message, as far as it is one. Fixed numbers are skipped: a status has none. */
function* fields(bytes: Uint8Array): Generator<{ readonly number: number; readonly value: FieldValue }> {
  let position = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; factor < 2 ** 63; factor *= 128) {
      const byte = bytes[position++];
      if (byte === undefined) return NaN;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return NaN;
  };
  while (position < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: {
        const value = varint();
        if (Number.isNaN(value)) return;
        yield { number, value };
        break;
      }
      case 1:
        position += 8;
        break;
      case 2: {
        const length = varint();
        const value = bytes.subarray(position, position + length);
        if (value.length !== length) return;
        position += length;
        yield { number, value };
        break;
      }
      case 5:
        position += 4;
        break;
      default:
        return;
    }
  }
}
