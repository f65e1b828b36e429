// What was thrown while something was read, as a failure of the source: what is none is a defect of ours.
import { defectWords } from '../core/defect.ts';
import { SourceError } from '../core/source-error.ts';

export function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const { message, remedy } = defectWords(error);
  return new SourceError('internal', message, remedy, { cause: error });
}
