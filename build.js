// Bundles the program into dist/: one file to load instead of a thousand is what makes it start fast.
// `node build.js ENTRY OUT` bundles another entry the same way (the benchmarks).
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/**
 * Parts of fastify that the program never calls, and more than half of its size: it starts a third faster without
 * them. Schemas are not used (src/http/app.ts says so to fastify), requests are injected only in tests.
 */
const leftOut = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'];
const leaveOut = {
  name: 'leave-out',
  resolveId: (id) => (leftOut.includes(id) ? `\0left-out:${id}` : undefined),
  load: (id) =>
    id.startsWith('\0left-out:')
      ? `throw new Error(${JSON.stringify(`${id.slice(1)} is not in the bundle`)});`
      : undefined,
};

rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: entry },
  platform: 'node',
  plugins: [leaveOut],
  transform: { define: { __VERSION__: JSON.stringify(version), __REVISION__: JSON.stringify(revision()) } },
});
const { output } = await bundle.write({ dir: out, format: 'esm', minify: true, chunkFileNames: '[name].js' });
await bundle.close();
chmodSync(`${out}/main.js`, 0o755);
writeFileSync(`${out}/THIRD-PARTY-LICENSES.txt`, licenses(output.flatMap(({ moduleIds = [] }) => moduleIds)));

/** The licenses of the packages that these modules come from: whoever ships their code has to ship them. */
function licenses(moduleIds) {
  const folders = moduleIds.map((id) => /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  return [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, 'utf8') : ''}`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
