// A progress bar for a person at a terminal while sessions are listed for the first time. Draws over one line
// and clears it at the end.
import type { PollProgress, PollStatus } from '../poll/poll-status.ts';
import type { Output } from './program.ts';

const redrawMilliseconds = 200;
const barWidth = 30;

/** Takes what stands on the line away. */
export const clearLine = '\r\u001b[2K';

/** Draws until the first poll of every project has ended; draws nothing where nobody looks. */
export function showFirstPolls(
  output: Output,
  pollers: readonly { readonly status: PollStatus }[],
): { stop(): void } {
  if (!output.isTerminal) return { stop: () => undefined };
  const stop = (): void => {
    clearInterval(timer);
    output.write(clearLine);
  };
  const timer = setInterval(() => {
    const waiting = pollers.filter(({ status }) => status.pollsFinished === 0);
    if (waiting.length === 0) stop();
    const progress = waiting.find(({ status }) => status.progress)?.status.progress;
    if (progress) output.write(clearLine + progressLine(progress));
  }, redrawMilliseconds);
  return { stop };
}

/** How far a listing is: by how far back it has come, which is exact when the API lists newest first. */
export function progressLine({ startedAt, windowStart, pages, rows, oldestStart }: PollProgress): string {
  const share = oldestStart === undefined ? 0 : (startedAt - oldestStart) / (startedAt - windowStart);
  const filled = Math.round(barWidth * Math.min(1, Math.max(0, share)));
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const back =
    oldestStart === undefined ? '' : `, back to ${new Date(oldestStart * 1000).toISOString().slice(0, 16)}Z`;
  return `Listing sessions ${bar} ${String(pages)} pages, ${String(rows)} sessions${back}`;
}
