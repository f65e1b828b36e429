// What a command is given of the process it runs in, and how it shows a person there how far long work is: at a terminal as
// a bar in one line, else in the log. Only main.ts makes a Program; tests can make their own.
import type { Settings } from '../config/settings.ts';
import type { Logger } from '../lib/logger.ts';
import { timeLeft } from '../lib/time.ts';
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
  /** Yields whenever the process is asked to read its configuration again, also what it was asked before; never ends. */
  readonly reloadRequests: AsyncIterator<unknown>;
}

const redrawMilliseconds = 200;
const barWidth = 30;
/** Lines of the log come then, and every minute. */
const firstLineMilliseconds = 2000;
const lineMilliseconds = 60_000;

/** Takes what stands on the line away. */
export const clearLine = '\r\u001b[2K';

export interface Progress {
  readonly what: string;
  /** From 0 to 1. */
  readonly share: number;
  readonly waitsFor?: string | undefined;
}

/** Returns what hides it again. */
export function showProgress(
  { errorOutput, log }: Pick<Program, 'errorOutput' | 'log'>,
  progress: () => Progress | undefined,
): () => void {
  const { what: first = '', share: begun = 0 } = progress() ?? {};
  const leftOf = timeLeft(first, begun, performance.now() / 1000);
  const isTerminal = errorOutput.isTTY === true;
  const show = (): void => {
    const current = progress();
    if (!current) return;
    const { what, share, waitsFor } = current;
    const left = leftOf(what, share, performance.now() / 1000);
    const done = `${Math.floor(share * 100)} %`;
    if (!isTerminal) return log.info(what, { done, left, waiting_for: waitsFor });
    const parts = [done, left && `${left} left`, waitsFor && `waiting for ${waitsFor}`];
    errorOutput.write(`${clearLine}${what} ${barOf(share)} ${parts.filter(Boolean).join(', ')}`);
  };
  const firstLine = isTerminal ? undefined : setTimeout(show, firstLineMilliseconds);
  const timer = setInterval(show, isTerminal ? redrawMilliseconds : lineMilliseconds);
  return () => {
    clearTimeout(firstLine);
    clearInterval(timer);
    if (isTerminal) errorOutput.write(clearLine);
  };
}

function barOf(share: number): string {
  const filled = Math.round(barWidth * Math.min(1, Math.max(0, share)));
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}
