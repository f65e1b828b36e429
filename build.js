// Bundles the program into dist/: a few files start faster than the thousand modules they are made of, and an image
// needs no node_modules. `node build.js ENTRY OUT` bundles another entry the same way (the measuring tools).
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

/** What fastify would load for schemas, its own logger and injected requests: the program has none of them. */
const neverLoaded = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
  'pino',
];

const [entry, out = 'dist'] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

rmSync(out, { recursive: true, force: true });
const chunks = entry
  ? await bundle({ main: entry })
  : // src/http/basic-auth.ts starts the second one.
    await bundle({ main: 'src/start.ts', 'bcrypt-thread': 'src/http/bcrypt-thread.ts' });
readdirSync(out)
  .filter((name) => /^packages\d*\.js$/.test(name))
  .forEach((name) => dropSourceMap(`${out}/${name}`));
chmodSync(`${out}/main.js`, 0o755);
writeFileSync(`${out}/package.json`, '{ "type": "module" }\n');
writeFileSync(`${out}/THIRD-PARTY-LICENSES.txt`, licenses(chunks.flatMap(({ moduleIds = [] }) => moduleIds)));

async function bundle(input) {
  const built = await rolldown({
    input,
    platform: 'node',
    external: neverLoaded,
    // Unused code can be left out of ES modules only: nine tenths of OpenTelemetry's packages.
    resolve: { mainFields: ['module', 'main'] },
    transform: { define: { __VERSION__: JSON.stringify(version), __REVISION__: JSON.stringify(revision()) } },
  });
  const { output } = await built.write({
    dir: out,
    sourcemap: true,
    // Node has less to parse at the start. Names stay, for stacks and profiles.
    minify: { mangle: false },
    sourcemapExcludeSources: true,
    codeSplitting: { groups: [{ name: 'packages', test: /node_modules/, entriesAware: true }] },
    chunkFileNames: ({ name }) => `${name === 'main' ? 'program' : name.split('~', 1)[0]}.js`,
  });
  await built.close();
  return output;
}

/** Node reads each file that has a source map once more, and keeps the maps in memory: 22 MB of all packages. */
function dropSourceMap(path) {
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, ''));
  rmSync(`${path}.map`);
}

/** The commit the program is built from; where there is no git (a container), REVISION names it. */
function revision() {
  if (process.env.REVISION) return process.env.REVISION;
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

/** The licenses of the packages these modules come from: whoever ships their code has to ship them. */
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
