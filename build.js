// Bundles the program into dist/: one file to load instead of a thousand is what makes it start fast, and beside it
// what V8 compiles at a start. `node build.js ENTRY OUT` bundles another entry the same way (the benchmarks).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { rolldown } from 'rolldown';

const [otherEntry, out = 'dist'] = process.argv.slice(2);
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
const moduleIds = otherEntry
  ? await bundle(otherEntry, 'main')
  : [
      ...(await bundle('src/start.ts', 'main')),
      // Its entry is a function that src/start.ts calls.
      ...(await bundle('src/main.ts', 'program', {
        postBanner: ({ isEntry }) => (isEntry ? '(function (exports, require) {' : ''),
        postFooter: ({ isEntry }) => (isEntry ? '})' : ''),
      })),
      ...(await bundle('src/http/bcrypt-thread.ts', 'bcrypt-thread')),
    ];
chmodSync(`${out}/main.js`, 0o755);
// CommonJS starts faster: Node reads and compiles its modules in one go. The folder says so for itself.
writeFileSync(`${out}/package.json`, '{ "type": "commonjs" }\n');
writeFileSync(`${out}/THIRD-PARTY-LICENSES.txt`, licenses(moduleIds));
if (!otherEntry) await writeCodeCache();

/** Writes an entry and all it needs; answers the modules that went into it. */
async function bundle(entry, name, options) {
  const built = await rolldown({
    input: { [name]: entry },
    platform: 'node',
    // What is not used can be left out of ES modules alone: nine tenths of OpenTelemetry's packages.
    resolve: { mainFields: ['module', 'main'] },
    plugins: [leaveOut],
    transform: { define: { __VERSION__: JSON.stringify(version), __REVISION__: JSON.stringify(revision()) } },
  });
  const { output } = await built.write({
    dir: out,
    format: 'cjs',
    minify: true,
    chunkFileNames: '[name].js',
    ...options,
  });
  await built.close();
  for (const { type, fileName, code } of output) {
    if (type !== 'chunk') continue;
    // One character beyond Latin-1 would make V8 hold and read the whole file with two bytes a character.
    const ascii = code.replace(
      /[^\0-\x7f]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    writeFileSync(`${out}/${fileName}`, ascii);
  }
  return output.flatMap(({ moduleIds = [] }) => moduleIds);
}

/**
 * Runs the program in demo until it has polled and was scraped, and keeps what V8 has compiled by then: functions
 * that are compiled when they are first called would not be in a cache made without running it.
 */
async function writeCodeCache() {
  const run = `
    // The program sets flags once it has loaded, and what is kept belongs to the flags it starts with.
    require('node:v8').setFlagsFromString = () => {};
    const { script, codeCache } = require(${JSON.stringify(resolve(out, 'main.js'))});
    process.once('message', () => {
      require('node:fs').writeFileSync(codeCache, script.createCachedData());
      process.exit();
    });
    process.once('disconnect', () => process.exit(1)); // The build has failed.`;
  const args = ['-e', run, 'main.js', 'demo', '--web.listen-address=127.0.0.1:0', '--log.level=warn'];
  // Without an environment: options for Node in it would change V8's flags.
  const program = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [greeting] = await once(program.stdout, 'data');
  const [page, metrics] = String(greeting).match(/http\S+/g);
  while (!(await fetch(new URL('-/ready', page))).ok) await setTimeout(100);
  await fetch(metrics);
  program.send('done');
  const [exitCode] = await once(program, 'close');
  if (exitCode !== 0)
    throw new Error(`The program ended with exit code ${exitCode} before its code was kept.`);
}

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
