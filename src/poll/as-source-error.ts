// What was thrown while something was read, as a failure of the source: what is none is a defect of ours.
import { SourceError } from '../core/source-error.ts';

export function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new SourceError(
    'internal',
    message,
    'This is a defect of the exporter: please report it with this line.',
    {
      cause: error,
    },
  );
}
