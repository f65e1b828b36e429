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
 * What libraries load at their start and the program never calls: half of the bundle, and modules of Node that take
 * as long to load. Schemas are not used (src/http/app.ts says so to fastify), src/http/server.ts makes the server
 * itself, requests are injected only in tests, and nothing is pushed or clustered.
 */
const leftOut = [
  { id: '@fastify/ajv-compiler', importer: /schema-controller/ },
  { id: '@fastify/fast-json-stringify-compiler', importer: /schema-controller/ },
  { id: 'light-my-request', importer: /fastify/ },
  { id: 'node:http2', importer: /fastify/ },
  { id: 'node:https', importer: /fastify/ },
  { id: './lib/pushgateway', importer: /prom-client/ },
  { id: './lib/cluster', importer: /prom-client/ },
];
const leaveOut = {
  name: 'leave-out',
  resolveId: (id, importer = '') =>
    leftOut.some((module) => module.id === id && module.importer.test(importer))
      ? `\0left-out:${id}`
      : undefined,
  load: (id) => (id.startsWith('\0left-out:') ? 'export {};' : undefined),
};

rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: entry },
  platform: 'node',
  plugins: [leaveOut],
  transform: { define: { __VERSION__: JSON.stringify(version), __REVISION__: JSON.stringify(revision()) } },
});
const { output } = await bundle.write({ dir: out, format: 'cjs', minify: true, chunkFileNames: '[name].js' });
await bundle.close();
for (const { type, fileName, code } of output) {
  if (type !== 'chunk') continue;
  // One character beyond Latin-1 would make V8 hold and read the whole file with two bytes a character.
  const ascii = code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  writeFileSync(`${out}/${fileName}`, ascii);
}
chmodSync(`${out}/main.js`, 0o755);
// CommonJS starts faster: Node reads and compiles its modules in one go. The folder says so for itself.
writeFileSync(`${out}/package.json`, '{ "type": "commonjs" }\n');
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
