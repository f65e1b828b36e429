// Classifies answers whose status is not 2xx. Which of them may be sent again is OTLP's table:
// https://opentelemetry.io/docs/specs/otlp/#failures-1
import type { PushFailureReason } from '../core/push-error.ts';
import { isJson } from './encoding.ts';
import { readRpcStatus } from './rpc-status.ts';
import { receiverRemedy } from './receiver-remedy.ts';
import { SendFailure } from './transport.ts';

export interface HttpRefusal {
  /** Without query and user. */
  readonly endpoint: string;
  readonly status: number;
  /** What it says, fit to be shown. */
  readonly words: string;
  readonly retryAfterSeconds: number | undefined;
}

const retriableStatuses = new Set([429, 502, 503, 504]);

export function httpFailure({ endpoint, status, words, retryAfterSeconds }: HttpRefusal): SendFailure {
  const reason = reasonOf(status);
  const pause = retryAfterSeconds === undefined ? '' : ` and asked for a pause of ${retryAfterSeconds} s`;
  const message = `POST ${endpoint} answered ${status}${pause}${words && `: ${words}`}`;
  return new SendFailure(reason, message, remedies[status] ?? remedyOf(reason, status), {
    retriable: retriableStatuses.has(status),
    retryAfterSeconds,
  });
}

function reasonOf(status: number): PushFailureReason {
  if (status >= 500) return status === 504 ? 'timeout' : 'server';
  switch (status) {
    case 401:
    case 403:
      return 'auth';
    case 404:
    case 405:
      return 'not_found';
    case 408:
      return 'timeout';
    case 429:
      return 'rate_limited';
    default:
      return status < 400 ? 'not_found' : 'rejected';
  }
}

/** Where the status says more than its reason. */
const remedies: Readonly<Partial<Record<number, string>>> = {
  413: 'raise the limit that the receiver, or a proxy before it, has for the size of a request',
  415: 'set otlp.protocol to http/protobuf or http/json, whichever the receiver takes',
};

function remedyOf(reason: PushFailureReason, status: number): string {
  if (reason !== 'not_found') return receiverRemedy(reason);
  return status < 400
    ? 'put the address that the answer points to into otlp.endpoint: no redirect is followed, because the headers would go with it'
    : 'check otlp.endpoint, to which /v1/metrics is added, and that the receiver has OTLP switched on: for Prometheus it ends in /api/v1/otlp';
}

/** The message in the body of a refusal: OTLP wants a Status there, but proxies write what they like. */
export function refusalWords(body: Uint8Array, contentType: string): string {
  if (/protobuf/i.test(contentType)) return readRpcStatus(body).message;
  const text = new TextDecoder().decode(body);
  // Pages for people would fill the log.
  if (text.trimStart().startsWith('<')) return '';
  return (isJson(contentType) && jsonMessage(text)) || text;
}

function jsonMessage(text: string): string | undefined {
  try {
    const { message, error } = Object(JSON.parse(text)) as Partial<Record<string, unknown>>;
    return [message, error].find((words) => typeof words === 'string');
  } catch {
    return undefined;
  }
}
