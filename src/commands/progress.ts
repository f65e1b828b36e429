// Says of what takes longer than a moment how far it is, what it waits for and how long it will take: to a person at a
// terminal as a bar, over one line that is cleared at the end, else in the log.
import type { Program } from './program.ts';

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
  readonly waitsFor?: string;
}

/** Shows the progress until it is stopped. */
export function showProgress(
  { errorOutput, log }: Pick<Program, 'errorOutput' | 'log'>,
  progress: () => Progress | undefined,
): { stop(): void } {
  const timeLeft = new TimeLeft();
  const draw = (): void => {
    const current = progress();
    if (!current) return;
    const { what, share, waitsFor } = current;
    const left = timeLeft.of(current);
    const parts = [`${percent(share)}`, left && `${left} left`, waitsFor && `waiting for ${waitsFor}`];
    errorOutput.write(`${clearLine}${what} ${barOf(share)} ${parts.filter(Boolean).join(', ')}`);
  };
  const say = (): void => {
    const current = progress();
    if (!current) return;
    const { what, share, waitsFor } = current;
    log.info(what, { done: percent(share), left: timeLeft.of(current), waiting_for: waitsFor });
  };
  const isTerminal = errorOutput.isTTY === true;
  const first = isTerminal ? undefined : setTimeout(say, firstLineMilliseconds);
  const timer = setInterval(isTerminal ? draw : say, isTerminal ? redrawMilliseconds : lineMilliseconds);
  return {
    stop: () => {
      clearTimeout(first);
      clearInterval(timer);
      if (isTerminal) errorOutput.write(clearLine);
    },
  };
}

/** Takes what is left to go on as fast as what was done. */
class TimeLeft {
  #what = '';
  #since = 0;
  #shareThen = 0;

  /** In words; undefined while nothing was done. */
  of({ what, share }: Progress): string | undefined {
    const now = performance.now();
    if (what !== this.#what) {
      this.#what = what;
      this.#since = now;
      this.#shareThen = share;
    }
    const gained = share - this.#shareThen;
    if (gained <= 0) return undefined;
    const seconds = (((now - this.#since) / 1000) * (1 - share)) / gained;
    if (seconds < 90) return `${String(Math.ceil(seconds))} s`;
    return seconds < 5400 ? `${String(Math.ceil(seconds / 60))} min` : `${(seconds / 3600).toFixed(1)} h`;
  }
}

function percent(share: number): string {
  return `${String(Math.floor(share * 100))} %`;
}

function barOf(share: number): string {
  const filled = Math.round(barWidth * Math.min(1, Math.max(0, share)));
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}
