// What helps against a refusal, whatever it came over.
import type { PushFailureReason } from '../core/push-error.ts';

export function receiverRemedy(reason: PushFailureReason): string {
  switch (reason) {
    case 'auth':
      return 'check otlp.headers (or OTEL_EXPORTER_OTLP_HEADERS): the receiver wants other credentials';
    case 'rate_limited':
      return "lengthen otlp.interval, lower rooms.limit or raise the receiver's limits";
    case 'timeout':
      return 'look at the load of the receiver; raise otlp.timeout';
    case 'rejected':
      return 'the receiver does not want these points: it says why here or in its log';
    default:
      return "look at the receiver's log; the exporter goes on trying";
  }
}
