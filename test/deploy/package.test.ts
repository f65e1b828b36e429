// The npm package: it brings all it needs, nothing of the machine that built it, and runs where it is installed.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'package-'));
const program = join(folder, 'node_modules/.bin/livekit-cloud-exporter');
const installed = join(folder, 'node_modules/livekit-cloud-exporter');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

beforeAll(() => {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', `--pack-destination=${folder}`]);
  const [archive = ''] = readdirSync(folder);
  execFileSync(
    'npm',
    ['install', `--prefix=${folder}`, '--offline', '--silent', '--ignore-scripts', join(folder, archive)],
    {
      cwd: folder,
    },
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('brings all it needs', () => {
  expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'livekit-cloud-exporter',
  ]);
  expect(readdirSync(installed).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
  ]);
});

it('holds nothing of the machine that built it', () => {
  const files = readdirSync(join(installed, 'dist'));
  for (const file of files) {
    const text = readFileSync(join(installed, 'dist', file), 'utf8');
    for (const trace of [process.cwd(), `${homedir()}/`, hostname()])
      expect(text.includes(trace), `${file}: ${trace}`).toBe(false);
    if (!file.endsWith('.map')) continue;
    const { sources, sourcesContent } = JSON.parse(text) as { sources: string[]; sourcesContent?: unknown };
    expect(sourcesContent).toBeUndefined();
    for (const source of sources) expect(source, file).toMatch(/^\.\.\/src\//);
  }
});

it('says its version', () => {
  const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8', env: environment() });
  expect({ stdout, status }).toEqual({ stdout: expect.stringContaining(version) as string, status: 0 });
});

it('runs the demonstration', async () => {
  const demo = spawn(program, ['demo', '--web.listen-address=127.0.0.1:0'], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve) => demo.on('exit', resolve));
  try {
    const lines: string[] = [];
    let url: string | undefined;
    for await (const line of createInterface({ input: demo.stdout })) {
      lines.push(line);
      url = /(http:\/\/127\.0\.0\.1:\d+)\/metrics/.exec(line)?.[1];
      if (url) break;
    }
    expect(url, lines.join('\n')).toBeDefined();
    expect((await fetch(`${url ?? ''}/-/healthy`)).status).toBe(200);
    expect(await (await fetch(`${url ?? ''}/metrics`)).text()).toContain(`version="${version}"`);
  } finally {
    demo.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
});

/** With this Node first. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}` };
}
