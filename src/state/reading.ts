// Reads a state file whole, and changes nothing.
import { open, stat, type FileHandle } from 'node:fs/promises';
import { runInSlices } from '../lib/slices.ts';
import { StateDecoder, type DecodedState } from './decoding.ts';
import { ContentError, maxFileBytes, mebibytes } from './format.ts';
import { isMissing } from './real-path.ts';
import { StateError } from './state-error.ts';

const readBytes = 64 * 1024;

/** Rejected with a ContentError when the content is not as it was written, and as node:fs rejects. */
export async function readContent(path: string): Promise<DecodedState> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > maxFileBytes) throw new ContentError(`it is larger than ${mebibytes(maxFileBytes)}`);
    return await runInSlices(decodeAll(file));
  } finally {
    await file.close();
  }
}

function* decodeAll(file: FileHandle): Generator<unknown, DecodedState> {
  const decoder = new StateDecoder();
  const buffer = Buffer.alloc(readBytes);
  for (;;) {
    let length = 0;
    yield file.read(buffer, 0, readBytes, null).then(({ bytesRead }) => (length = bytesRead));
    if (length === 0) return decoder.end();
    yield* decoder.take(buffer.subarray(0, length));
  }
}

/** Nothing but a file is ever renamed or replaced: a mistaken /dev/null must not cost the machine its /dev/null. */
export async function refuseAllButFiles(path: string): Promise<void> {
  const status = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (status === undefined || status.isFile()) return;
  const kind = status.isDirectory() ? 'a folder' : 'a pipe, socket or device';
  throw new StateError(
    `Cannot use ${path} as the state file: it is ${kind}. Choose a file with --state.file.`,
  );
}
