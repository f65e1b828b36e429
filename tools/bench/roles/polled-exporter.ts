// The exporter wired as the program wires it, but polling when it is told to, and watching its own event loop.
import { createLogger } from '../../../src/lib/logger.ts';
import { Exporter } from '../../../src/exporter/exporter.ts';
import { longestHold } from '../event-loop-probe.ts';
import { build, projectSettings, serveMetrics } from '../exporter-parts.ts';
import { announce, answerQuestions } from './answering.ts';

export interface PolledExporterOptions {
  readonly apiUrl: string;
  readonly rooms: number;
  readonly pageSize?: number | 'auto';
  /** Its clock at its start, Unix seconds, where it is not the machine's. */
  readonly startsAt?: number;
}

/** Seconds. */
export const pollInterval = 30;

/**
 * Answers to `poll` when one poll is done, to `watched poll` with the longest hold of the event loop in it, to
 * `interval passes` by moving its clock on, to `watched idling` with the longest in a second without any work.
 */
export async function run({ apiUrl, rooms, pageSize, startsAt }: PolledExporterOptions): Promise<void> {
  const machineNow = Date.now.bind(Date);
  let ahead = startsAt === undefined ? 0 : startsAt * 1000 - machineNow();
  Date.now = () => machineNow() + ahead;
  const log = createLogger({
    level: 'error',
    format: 'logfmt',
    write: (line) => process.stderr.write(`${line}\n`),
    now: () => Date.now() / 1000,
  });
  const exporter = new Exporter({ ...build, log });
  await exporter.configure([projectSettings(apiUrl, rooms, pageSize)]);
  const poll = async () => {
    await Promise.all(exporter.pollers.map((poller) => poller.poll(new AbortController().signal)));
    const failure = exporter.pollers.find(({ status }) => status.failure)?.status.failure;
    if (failure) throw new Error(failure.message);
  };
  answerQuestions({
    poll,
    'interval passes': () => (ahead += pollInterval * 1000),
    'watched poll': () => longestHold(poll),
    'watched idling': () => longestHold(() => new Promise((resolve) => setTimeout(resolve, 1000))),
  });
  announce(await serveMetrics(exporter.exposition));
}
