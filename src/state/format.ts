// The text of a state file: lines of JSON. The first says what the file is, each further one is a record, the last
// is a text (a record never is) with the number of records and the SHA-256 of all bytes before it.

/** One line of the file. */
export type StateRecord = readonly unknown[] | Readonly<Record<string, unknown>>;

/** The limits hold for writing and for reading, so that what was written can be read again. */
export const maxFileBytes = 256 * 1024 * 1024;
/** A line is written and parsed in one go. */
export const maxLineBytes = 1024 * 1024;

const format = 'livekit-cloud-exporter state';
const version = 1;

/** Why a content is not, or would not be, a state file. The message fits behind the name of the file and a colon. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
}

export function mebibytes(bytes: number): string {
  return `${String(bytes / 1024 ** 2)} MiB`;
}

/** `writtenAt` in Unix seconds. */
export function headerLine(writtenAt: number): string {
  return JSON.stringify({ format, version, written_at: writtenAt });
}

/** When the file was written, in Unix seconds; throws a ContentError when the first line is not one of ours. */
export function parseHeader(line: string): number {
  const header = parsed(line);
  if (header?.['format'] !== format) throw notOurs();
  const { version: found, written_at: writtenAt } = header;
  if (typeof found === 'number' && found > version) {
    throw new ContentError(
      `it is from a newer release (format version ${String(found)}; this one knows ${String(version)})`,
    );
  }
  if (found !== version) {
    throw new ContentError(
      `it has a format version that this release does not know (${JSON.stringify(found)}; it knows ${String(version)})`,
    );
  }
  if (typeof writtenAt !== 'number') throw new ContentError('its first line was altered');
  return writtenAt;
}

export function notOurs(): ContentError {
  return new ContentError(`it is not a file of the kind "${format}"`);
}

function parsed(line: string): Readonly<Record<string, unknown>> | null | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown> | null;
  } catch {
    return undefined;
  }
}

/** `digest` in hexadecimal. */
export function trailerLine(records: number, digest: string): string {
  return JSON.stringify(`end: ${String(records)} records, sha256 ${digest}`);
}
