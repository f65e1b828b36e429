// What a command is given of the process it runs in. Only main.ts makes one; tests can make their own.
import type { Settings } from '../config/settings.ts';
import type { Logger } from '../lib/logger.ts';
import type { WatchedFiles } from '../lib/watched-file.ts';
import type { Environment } from '../network/proxy.ts';

export interface Output {
  write(text: string): unknown;
}

export interface Program {
  readonly version: string;
  /** The commit the program was built from. */
  readonly revision: string;
  readonly nodeVersion: string;
  readonly log: Logger;
  readonly environment: Environment;
  readonly output: Output;
  /** Where log lines go; what takes long is shown there to a person. */
  readonly errorOutput: Output & { readonly isTTY?: boolean };
  /** To be called when the work begins: whatever ends it after that is no failure to start. */
  readonly started: () => void;
  readonly stop: AbortSignal;
  readonly files: WatchedFiles;
  /** Reads the settings again, as they are now. Rejected with a ConfigurationError. */
  readonly loadSettings: () => Promise<Settings>;
  /** Calls back whenever the process is asked to read its configuration again; the last listener counts. */
  readonly onReloadRequest: (listener: () => void) => void;
}
