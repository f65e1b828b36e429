// Why a source of sessions could not be read, in the words of the contract.

/** The values of the label `reason` of every failure metric. */
export const failureReasons = [
  'auth',
  'plan',
  'not_found',
  'rate_limited',
  'timeout',
  'network',
  'server',
  'schema',
  'gone',
  'internal',
] as const;

export type FailureReason = (typeof failureReasons)[number];

/**
 * A source of sessions failed, classified once at its edge. `message` says what happened and `remedy` what
 * the operator can do, both fit for a log and a page: neither ever holds a secret or a token.
 */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
  readonly reason: FailureReason;
  readonly remedy: string;

  constructor(reason: FailureReason, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** What was thrown while a source was read, as its failure: what is none is a defect of ours. */
export function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const remedy = 'This is a defect of the exporter: please report it with this line.';
  return new SourceError('internal', message, remedy, { cause: error });
}
