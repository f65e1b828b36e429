// A part of the state of one project as text: lines of JSON. The first says what it is, the second holds all but the elements
// of long lists, which follow one a line, and the last holds the SHA-256 of all before it.
import { createHash } from 'node:crypto';
import type { Logger } from '../lib/logger.ts';
import { runInSlices } from '../lib/slices.ts';
import { isoTime } from '../lib/time.ts';
import type { StateContent, StoredPart, StoredState } from './state-store.ts';

const format = 'livekit-cloud-exporter state';
const version = 1;

const pieceLength = 64 * 1024;
const lineBreak = 0x0a;

/** Why nothing of a state is used: a clause about "it". */
export class DamagedState extends Error {
  override readonly name = 'DamagedState';
}

export interface StoredBytes {
  /** What the log names. */
  readonly fields: Readonly<Record<string, string>>;
  /** Undefined when there are none. Rejected with a DamagedState when they cannot be unpacked. */
  read(): Promise<Buffer | undefined>;
  /** Replaces them whole, or not at all, by what `encode` writes. */
  replace(encode: (write: WritePiece) => Promise<void>): Promise<void>;
  /** Puts them where nothing reads them, and resolves to the name of that place: it ends in `time`. */
  setAside(time: string): Promise<string>;
}

/** A promise that it returns is awaited before the next piece. */
type WritePiece = (piece: Buffer) => unknown;

export interface StateOptions {
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

export function storedPart(project: string, bytes: StoredBytes, { now, log }: StateOptions): StoredPart {
  const setAside = async (reason: string): Promise<void> => {
    const keptAs = await bytes.setAside(isoTime(now()).replaceAll(':', '-'));
    const message = 'State set aside: nothing of it is used, counters start from zero';
    log.error(message, { ...bytes.fields, reason, kept_as: keptAs });
  };
  return {
    async load() {
      try {
        const text = await bytes.read();
        return text && (await runInSlices(decodeState(project, text)));
      } catch (error) {
        // Only what was read can be damaged: what could not be read may be whole.
        if (!(error instanceof DamagedState)) throw error;
        await setAside(error.message);
        return undefined;
      }
    },
    save: (content) =>
      bytes.replace((write) => runInSlices(encodeState(project, { content, writtenAt: now() }, write))),
    setAside,
  };
}

export function* encodeState(
  project: string,
  { content, writtenAt }: StoredState,
  write: WritePiece,
): Generator<unknown, void> {
  const hash = createHash('sha256');
  const writePiece = () => {
    const piece = Buffer.from(text);
    hash.update(piece);
    text = '';
    return write(piece);
  };
  let text = `${JSON.stringify({ format, version, project, written_at: writtenAt })}\n`;
  for (const line of contentLines(content)) {
    text += `${JSON.stringify(line)}\n`;
    yield text.length < pieceLength ? undefined : writePiece();
  }
  yield writePiece();
  yield write(Buffer.from(checksumLine(hash.digest('hex'))));
}

function* contentLines(content: StateContent): Generator<StateContent> {
  const lists = Object.entries(content).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  yield { ...content, ...Object.fromEntries(lists.map(([name]) => [name, []])) };
  for (const [name, list] of lists) for (const element of list) yield { [name]: [element] };
}

/** Can be interrupted. Throws a DamagedState unless every byte is as it was written for this project. */
export function* decodeState(project: string, bytes: Buffer): Generator<void, StoredState> {
  const header = parseHeader(bytes);
  const contentEnd = bytes.lastIndexOf(lineBreak, -2) + 1;
  const lastLine = bytes.toString('utf8', contentEnd);
  if (!/^\{"sha256":"\w{64}"\}\n$/.test(lastLine))
    throw new DamagedState('its end is missing, or something was added to it');
  const hash = createHash('sha256');
  for (let start = 0; start < contentEnd; start += pieceLength) {
    hash.update(bytes.subarray(start, Math.min(start + pieceLength, contentEnd)));
    yield;
  }
  if (lastLine !== checksumLine(hash.digest('hex')))
    throw new DamagedState('it was altered: its checksum is wrong');
  if (header.project !== project) throw new DamagedState(`it is the state of the project ${header.project}`);

  let start = bytes.indexOf(lineBreak) + 1;
  const nextLine = () => {
    const end = bytes.indexOf(lineBreak, start);
    const line = JSON.parse(bytes.toString('utf8', start, end)) as Record<string, unknown[]>;
    start = end + 1;
    return line;
  };
  const content = nextLine();
  while (start < contentEnd) {
    for (const [name, [element]] of Object.entries(nextLine())) content[name]?.push(element);
    yield;
  }
  return { content, writtenAt: header.written_at };
}

/** Throws a DamagedState when the first line is not one of ours. */
function parseHeader(bytes: Buffer): { readonly project: string; readonly written_at: number } {
  if (bytes.length === 0) throw new DamagedState('it is empty');
  let header: Record<string, unknown> = {};
  try {
    header = Object(JSON.parse(bytes.toString('utf8', 0, bytes.indexOf(lineBreak)))) as typeof header;
  } catch {
    // Then it is no file of this kind.
  }
  if (header['format'] !== format) throw new DamagedState(`it is not a file of the kind "${format}"`);
  if (header['version'] !== version)
    throw new DamagedState(`it is of another release: its format version is ${String(header['version'])}`);
  return header as { project: string; written_at: number };
}

function checksumLine(sha256: string): string {
  return `${JSON.stringify({ sha256 })}\n`;
}
