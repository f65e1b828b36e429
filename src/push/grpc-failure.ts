// Classifies the failures of gRPC. Which of them may be sent again is OTLP's table:
// https://opentelemetry.io/docs/specs/otlp/#failures
import { status as codes } from '@grpc/grpc-js';
import type { PushFailureReason } from '../core/push-error.ts';
import type { Proxy } from '../network/proxy-error.ts';
import { mayPass, networkRemedy } from './network-failure.ts';
import { receiverRemedy } from './receiver-remedy.ts';
import { SendFailure } from './transport.ts';

export interface GrpcRefusal {
  readonly endpoint: string;
  readonly code: codes;
  /** What gRPC or the receiver says. */
  readonly details: string;
  /** The same, fit to be shown. */
  readonly quoted: string;
  /** The proxy in the way, if any. */
  readonly proxy: Proxy | undefined;
  /** From a RetryInfo. */
  readonly retryAfterSeconds: number | undefined;
}

const retriableCodes = new Set([
  codes.CANCELLED,
  codes.DEADLINE_EXCEEDED,
  codes.ABORTED,
  codes.OUT_OF_RANGE,
  codes.UNAVAILABLE,
  codes.DATA_LOSS,
]);

/** What the library says itself when it has no connection, or nothing of gRPC came over it. */
const ownWords =
  /^(No connection established|Name resolution failed|Connection dropped|Received HTTP status|Received RST_STREAM|Stream refused)/;

/** What the library says, and no more, when it gets no connection from a proxy. */
const failedAtProxy = /Last error: undefined/;

export function grpcFailure(refusal: GrpcRefusal): SendFailure {
  const { endpoint, code, details, quoted, proxy, retryAfterSeconds } = refusal;
  if (proxy && failedAtProxy.test(details)) return proxyFailure(endpoint, proxy);
  const reason = reasonOf(code, details);
  const pause = retryAfterSeconds === undefined ? '' : ` and asked for a pause of ${retryAfterSeconds} s`;
  const happened = reason === 'network' ? 'failed' : `answered ${codes[code]}${pause}`;
  return new SendFailure(reason, `${endpoint} ${happened}: ${quoted}`, remedyOf(reason, endpoint, details), {
    retriable:
      reason === 'network'
        ? mayPass(details)
        : retriableCodes.has(code) ||
          // A receiver that is exhausted can be tried again only when it says so.
          (code === codes.RESOURCE_EXHAUSTED && retryAfterSeconds !== undefined),
    retryAfterSeconds,
  });
}

function proxyFailure(endpoint: string, { address, variable }: Proxy): SendFailure {
  const { host, hostname } = new URL(endpoint);
  return new SendFailure(
    'network',
    `${endpoint} failed at the proxy ${address}: it could not be reached, or let no connection through`,
    `check ${variable}, with user and password if the proxy wants them, and that the proxy allows connections to ${host}, or name ${hostname} in NO_PROXY`,
    { retriable: true },
  );
}

function reasonOf(code: codes, details: string): PushFailureReason {
  if (ownWords.test(details)) return 'network';
  switch (code) {
    case codes.UNAUTHENTICATED:
    case codes.PERMISSION_DENIED:
      return 'auth';
    case codes.UNIMPLEMENTED:
    case codes.NOT_FOUND:
      return 'not_found';
    case codes.RESOURCE_EXHAUSTED:
      return 'rate_limited';
    case codes.DEADLINE_EXCEEDED:
    case codes.CANCELLED:
      return 'timeout';
    case codes.INVALID_ARGUMENT:
    case codes.FAILED_PRECONDITION:
    case codes.OUT_OF_RANGE:
    case codes.ALREADY_EXISTS:
      return 'rejected';
    default:
      return 'server';
  }
}

function remedyOf(reason: PushFailureReason, endpoint: string, details: string): string {
  switch (reason) {
    case 'network':
      return networkRemedy(endpoint, details);
    case 'not_found':
      return 'check otlp.endpoint: what listens there takes no OTLP metrics over gRPC';
    default:
      return receiverRemedy(reason);
  }
}
