// `npm run alert-quality [-- SEED...]`: how good the alerts are, over simulated weeks with incidents in a real Prometheus. A
// seed stands for a week of one shape, in turn. Exits with 1 when a goal is missed.
import { requirePrometheus } from '../../test/installed-prometheus.ts';
import { report } from './report.ts';
import { shapes } from './shapes.ts';
import { runWeek, type WeekResult } from './week.ts';

/** Seeds 1 to 99 are for tuning; these are not looked at while thresholds are chosen: two weeks of each shape. */
const reportedSeeds = Array.from({ length: 2 * shapes.length }, (_, index) => 401 + index);

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});

async function main(): Promise<void> {
  requirePrometheus();
  const given = process.argv.slice(2).map(Number);
  const seeds = given.length > 0 ? given : reportedSeeds;
  const weeks: WeekResult[] = [];
  for (const seed of seeds) {
    const start = performance.now();
    const shape = shapes[(seed - 1) % shapes.length]!;
    weeks.push(await runWeek({ seed, shape }));
    console.error(
      `Seed ${String(seed)}, ${shape.name}: ${((performance.now() - start) / 1000).toFixed(0)} s`,
    );
  }
  const { text, met } = report(weeks);
  console.log(text);
  if (!met) process.exitCode = 1;
}
