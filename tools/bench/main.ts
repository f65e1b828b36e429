// The benchmark's entry: the benchmark itself, or with `--role` one of the processes that it works with. Each
// loads only what it needs.
import { parseArgs } from 'node:util';
import type { RoleName } from './roles/roles.ts';

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { role: { type: 'string' }, only: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.role === undefined) {
    const { runBenchmark } = await import('./benchmark.ts');
    process.exitCode = await runBenchmark(values.only?.split(',').map(Number));
  } else {
    const { runRole } = await import('./roles/roles.ts');
    await runRole(values.role as RoleName, JSON.parse(positionals[0] ?? ''));
  }
}
