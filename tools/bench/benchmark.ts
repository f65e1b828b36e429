// Every figure of the goals beside its peer, in one run in which all measurements take turns, so that a busy
// machine slows both sides.
import { cpus } from 'node:os';
import { Lab } from './lab.ts';
import type { Measurement } from './measurement.ts';
import { answerSize } from './measurements/answer-size.ts';
import { cycleCost } from './measurements/cycle-cost.ts';
import { eventLoopHolds } from './measurements/event-loop-holds.ts';
import { listingCost } from './measurements/listing-cost.ts';
import { listingTime } from './measurements/listing-time.ts';
import { loadedMemory } from './measurements/memory.ts';
import { pageSizes } from './measurements/page-sizes.ts';
import { scrapeDuration } from './measurements/scrape-duration.ts';
import { scrapeDuringPoll } from './measurements/scrape-during-poll.ts';
import { startUp } from './measurements/start.ts';
import { state } from './measurements/state.ts';
import { throughput } from './measurements/throughput.ts';
import { PeerMissing } from './pushgateway.ts';
import { table } from './table.ts';

interface Row {
  /** Its number in the table; a row can have several measurements. */
  readonly row: number;
  readonly prepare: (lab: Lab) => Promise<Measurement>;
}

const rows: readonly Row[] = [
  { row: 1, prepare: scrapeDuration },
  { row: 2, prepare: throughput },
  { row: 3, prepare: cycleCost },
  { row: 4, prepare: scrapeDuringPoll },
  { row: 5, prepare: (lab) => eventLoopHolds(lab, 10_000, 25) },
  { row: 5, prepare: (lab) => eventLoopHolds(lab, 50_000, 60) },
  { row: 6, prepare: answerSize },
  { row: 7, prepare: listingCost },
  { row: 7, prepare: listingTime },
  { row: 8, prepare: startUp },
  { row: 8, prepare: loadedMemory },
  { row: 9, prepare: state },
  { row: 10, prepare: pageSizes },
];

/** Runs the rows with these numbers, or all. Answers the exit code: 1 when a goal is missed, 2 without a peer. */
export async function runBenchmark(only?: readonly number[]): Promise<0 | 1 | 2> {
  const chosen = rows.filter(({ row }) => only?.includes(row) ?? true);
  if (chosen.length === 0) {
    process.stderr.write('--only: no such row; give numbers from 1 to 10, as in --only 1,5\n');
    return 2;
  }
  const lab = new Lab();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  try {
    const lines = await measure(chosen, lab);
    process.stdout.write(`\nNode.js ${process.version}, ${cpus().length} cores\n\n${table(lines)}\n`);
    return lines.every(({ goal }) => goal?.met ?? true) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof PeerMissing)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  } finally {
    await lab.close();
  }
}

async function measure(chosen: readonly Row[], lab: Lab) {
  const measurements: (Measurement & { readonly row: number })[] = [];
  for (const { row, prepare } of chosen) {
    progress(`Preparing row ${row}`);
    measurements.push({ row, ...(await prepare(lab)) });
  }
  const rounds = Math.max(...measurements.map((measurement) => measurement.rounds));
  for (let round = 0; round < rounds; round++) {
    for (const measurement of measurements) {
      if (round >= measurement.rounds) continue;
      progress(`Round ${round + 1} of ${rounds}, row ${measurement.row}`);
      await measurement.round();
    }
  }
  return measurements.flatMap(({ row, lines }) => lines().map((line) => ({ row, ...line })));
}

function progress(what: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${what}` : `${what}\n`);
}
