// Bundles the program into dist/: one file to load instead of a thousand is what makes it start fast.
// `node build.js ENTRY OUT` bundles another entry the same way (the benchmarks).
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { rolldown } from 'rolldown';

const [entry = 'src/main.ts', out = 'dist'] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** The commit the program is built from; in a build without git (a container) the build says it. */
function revision() {
  if (process.env.REVISION) return process.env.REVISION;
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: entry },
  platform: 'node',
  transform: { define: { __VERSION__: JSON.stringify(version), __REVISION__: JSON.stringify(revision()) } },
});
await bundle.write({ dir: out, format: 'esm', sourcemap: false, chunkFileNames: '[name].js' });
await bundle.close();
chmodSync(`${out}/main.js`, 0o755);
