// Turns any value into one that can be written: text, number, boolean, null, or undefined for what is left out.

export type Loggable = string | number | boolean | null | undefined;

/** How far a chain of causes is followed. */
const deepestCause = 5;

export type LoggableFields = Readonly<Record<string, Loggable>>;

/** All fields, whatever their values are and do. */
export function loggableFields(fields: object): LoggableFields {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, loggable(fields, key)]));
}

function loggable(fields: object, key: string): Loggable {
  try {
    return simplified((fields as Record<string, unknown>)[key]);
  } catch {
    return '(a value that cannot be shown)';
  }
}

function simplified(value: unknown): Loggable {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      if (value === null) return null;
      if (value instanceof Error) return errorText(value);
      return JSON.stringify(value, (_key, part: unknown) => {
        if (part instanceof Error) return errorText(part);
        return typeof part === 'bigint' ? String(part) : part;
      });
    default:
      return String(value);
  }
}

/**
 * The message and those of its causes: `the proxy failed: connect ECONNREFUSED 127.0.0.1:3128`. Behind a message that is
 * a sentence its cause stands in brackets.
 */
function errorText(error: Error): string {
  const messages: string[] = [];
  let cause: unknown = error;
  for (let depth = 0; depth < deepestCause && cause !== undefined && cause !== null; depth++) {
    messages.push(cause instanceof Error ? ownMessage(cause) : String(simplified(cause)));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return messages.reduceRight((causes, message) =>
    message.endsWith('.') ? `${message} (${causes})` : `${message}: ${causes}`,
  );
}

function ownMessage(error: Error): string {
  if (error.message !== '') return error.message;
  // Node's connection attempts to several addresses fail with an AggregateError that has a code alone.
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
