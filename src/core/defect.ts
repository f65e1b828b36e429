// What was thrown although nothing of the kind should be: in words, for whoever reports it.

export function defectWords(error: unknown): { readonly message: string; readonly remedy: string } {
  return {
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    remedy: 'This is a defect of the exporter: please report it with this line.',
  };
}
