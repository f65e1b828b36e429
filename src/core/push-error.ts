// Why a push did not arrive, in the words of the metrics.

/** The values of the label `reason` of the failures of pushes. */
export const pushFailureReasons = [
  'auth',
  'not_found',
  'rejected',
  'rate_limited',
  'timeout',
  'network',
  'server',
  'internal',
] as const;

export type PushFailureReason = (typeof pushFailureReasons)[number];

/**
 * A push failed, classified once at its edge. `message` says what happened and `remedy` what the operator can do,
 * both fit for a log: neither ever holds a header's value.
 */
export class PushError extends Error {
  override readonly name: string = 'PushError';
  readonly reason: PushFailureReason;
  readonly remedy: string;

  constructor(reason: PushFailureReason, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.remedy = remedy;
  }
}
