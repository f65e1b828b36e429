// The program as a command: what it prints and with which code it exits. And as a service: that it answers and
// stops, whatever the API does.
import { spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder, type AtEnd } from '../at-end.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { serve, startProgram, type RunningProgram } from './running-program.ts';
import { configurationFile, shared } from './shared-run.ts';
import { cloudOf, environmentOf, keys, project, simulate, unixSeconds } from './simulated-api.ts';

/** Runs the program to its end. */
async function run(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
  atEnd?: AtEnd,
): Promise<Pick<RunningProgram, 'exitCode' | 'output' | 'errorOutput'>> {
  const program = startProgram(args, environment, atEnd);
  await program.exit();
  return program;
}

/** Whether a commit is there; where there is no git, none is known. */
function isCommit(revision: string | undefined): boolean {
  const git = (...args: readonly string[]): boolean => spawnSync('git', args).status === 0;
  return git('rev-parse') ? git('cat-file', '-e', `${revision}^{commit}`) : revision === 'unknown';
}

/** On a busy machine the first poll may take long enough to say so. */
const isNoProgress = (line: string): boolean => !line.includes('Listing sessions');

const credentials = { id: project.id, ...keys };

describe('the command', () => {
  const help = shared((atEnd) => {
    const says = `import { getDefaultAutoSelectFamilyAttemptTimeout as milliseconds } from 'node:net';
      process.on('exit', () => console.error('an address has %d ms', milliseconds()));`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(says)}`;
    // What all have said is searched for the secret of the project.
    const secret = environmentOf({ url: 'http://127.0.0.1:1' });
    return run(['--help'], { ...secret, NODE_OPTIONS }, atEnd);
  });

  it('--help tells commands and flags', () => {
    const { exitCode, output } = help();
    expect(exitCode).toBe(0);
    for (const word of [
      'serve',
      'demo',
      'once',
      'doctor',
      'simulate',
      '--web.listen-address',
      '--config.file',
    ]) {
      expect(output).toContain(word);
    }
  });

  it('gives each address of a host 3 s also where others connect for it: pushes, Redis', () => {
    expect(help().errorOutput).toBe('an address has 3000 ms\n');
  });

  it('--version tells the version of the package, the commit and Node', async () => {
    const { exitCode, output } = await run(['--version']);
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(exitCode).toBe(0);
    const [, revision] = /revision (\S+),/.exec(output) ?? [];
    expect(output).toBe(
      `livekit-cloud-exporter ${version} (revision ${revision}, node ${process.version})\n`,
    );
    expect(isCommit(revision), revision).toBe(true);
  });

  const misused = shared((atEnd) =>
    run(['server', '--web.listen-adress=:1', '--simulator.seed=1', '--poll.interval'], {}, atEnd),
  );

  it.each([
    { name: 'an unknown flag', says: 'did you mean --web.listen-address?' },
    { name: 'an unknown command', says: 'did you mean serve?' },
    { name: 'a flag without its value', says: '--poll.interval: the value is missing' },
    { name: 'a flag of another command', says: '--simulator.seed: not a flag of the command serve' },
  ])('exits with 2 for $name', ({ says }) => {
    const { exitCode, output, errorOutput } = misused();
    expect([exitCode, output]).toEqual([2, '']);
    expect(errorOutput).toContain(says);
  });

  it('--config.check exits with 1 for a configuration with mistakes, and tells all of them with their places', async () => {
    const file = join(temporaryFolder(onTestFinished), 'exporter.yml');
    await writeFile(
      file,
      [
        'projects:',
        '  - name: production',
        `    id: ${project.id}`,
        `    api_secret: ${project.apiSecret}`,
        'poll:',
        '  interval: 5x',
        'rooms:',
        '  limits: 3',
        '',
      ].join('\n'),
    );
    const flags = [`--config.file=${file}`, '--config.check', '--api.concurrency=0'];
    const { exitCode, output, errorOutput } = await run(flags);
    expect([exitCode, output]).toEqual([1, '']);
    for (const problem of [
      '--api.concurrency: 0 is out of range; allowed: 1 to 64',
      `${file}:2:5: projects[0].api_key: missing`,
      `${file}:6:13: poll.interval: 5x is not a duration; allowed: 1s to 1h`,
      `${file}:8:3: rooms.limits: unknown key; did you mean limit?`,
    ]) {
      expect(errorOutput).toContain(problem);
    }
  });

  it('exits with 1 when no project is configured, and tells how to do so', async () => {
    const { exitCode, errorOutput } = await run([]);
    expect(exitCode).toBe(1);
    expect(errorOutput).toContain('set LIVEKIT_PROJECT_ID, LIVEKIT_API_KEY and LIVEKIT_API_SECRET');
    expect(errorOutput).toContain('livekit-cloud-exporter demo');
  });

  it('--config.check accepts a good file and an empty state folder, polls nothing and creates nothing', async () => {
    const file = configurationFile({ projects: [{ name: 'production', ...credentials }] }, onTestFinished);
    const folder = temporaryFolder(onTestFinished);
    const simulator = await simulate(cloudOf(1));
    const { exitCode, output } = await run(
      [`--config.file=${file}`, '--config.check', `--api.url=${simulator.url}`],
      { LIVEKIT_EXPORTER_STATE_DIR: folder },
    );
    expect([exitCode, output]).toEqual([0, 'The configuration is valid; projects: production.\n']);
    expect(simulator.requests).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('--config.check refuses a state folder that does not exist, and creates nothing', async () => {
    const folder = temporaryFolder(onTestFinished);
    const missing = join(folder, 'missing');
    const environment = environmentOf({ url: 'http://127.0.0.1:1' });
    const { exitCode, errorOutput } = await run(['--config.check', `--state.dir=${missing}`], environment);
    expect(exitCode).toBe(1);
    expect(errorOutput).toContain('cannot start:');
    expect(errorOutput).toContain(`${missing}: there is no such folder`);
    expect(await readdir(folder)).toEqual([]);
  });

  it('--config.check refuses a state folder that may only be read', async () => {
    const folder = temporaryFolder(onTestFinished);
    await chmod(folder, 0o555);
    // Root may write everywhere.
    const user = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
    const program = [process.execPath, 'dist/main.js', '--config.check', `--state.dir=${folder}`];
    const [command = '', ...args] = [...user, ...program];
    const env = { PATH: process.env['PATH'], ...environmentOf({ url: 'http://127.0.0.1:1' }) };
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
    expect(status).toBe(1);
    expect(stderr).toContain('cannot start:');
    expect(stderr).toContain(
      `state.dir: Cannot use the state folder ${folder}: permission denied. Give this user`,
    );
  });

  it('help of a command tells its flags alone', async () => {
    const { exitCode, output } = await run(['help', 'demo']);
    expect(exitCode).toBe(0);
    expect(output).toContain('--simulator.seed');
    expect(output).not.toContain('--api.url');
  });

  it('exits with 1 when the port is taken, and names it', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    const address = `127.0.0.1:${String((squatter.address() as AddressInfo).port)}`;
    const simulator = await simulate(cloudOf(1));
    const { exitCode, errorOutput } = await run(
      [`--web.listen-address=${address}`],
      environmentOf(simulator),
    );
    expect(exitCode).toBe(1);
    expect(errorOutput).toContain(`cannot start: Cannot listen on ${address}: the port is taken.`);
    expect(simulator.requests).toEqual([]);
  });
});

describe('`once`', () => {
  it('prints the exposition and exits with 0, without session details, which it says', async () => {
    const simulator = await simulate(cloudOf(3));
    const { exitCode, output, errorOutput } = await run(
      ['once', '--details.enabled', '--plan.name=scale'],
      environmentOf(simulator),
    );
    expect(exitCode).toBe(0);
    expect(output).toContain('\nlivekit_cloud_active_sessions{project="p_1"} 3\n');
    expect(output).toContain('\nlivekit_cloud_exporter_window_complete{project="p_1"} 1\n');
    expect(output).not.toMatch(/^livekit_cloud_(month_connection|participant_connections|publishing)/m);
    expect(output).toMatch(/^livekit_cloud_month_cost_dollars/m);
    expect(errorOutput).toMatch(
      /level=WARN .*without connection time.*month_cost_dollars.* remedy=".*--whole-window/,
    );
  });

  it('exits with 1 when the API refuses, with the reason in the log and in the exposition, all of which it prints', async () => {
    const projects = ['p_good', 'p_bad'].map((id) => ({ ...project, id, cloud: cloudOf(1000) }));
    const simulator = await simulate(cloudOf(0), { projects });
    simulator.faults.order({ kind: 'scale_plan', status: 403, project: 'p_bad' });
    const listed = projects.map(({ id }) => ({ name: id, ...credentials, id }));
    const file = configurationFile({ projects: listed }, onTestFinished);
    const flags = [`--config.file=${file}`, `--api.url=${simulator.url}`, '--rooms.limit=1000'];
    const { exitCode, output, errorOutput } = await run(['once', ...flags]);
    expect(exitCode).toBe(1);
    expect(errorOutput).toMatch(/^\S+ level=ERROR .*project=p_bad .*reason=plan err=".+" remedy=".+"$/m);
    expect(output).toContain('\nlivekit_cloud_up{project="p_bad"} 0\n');
    expect(output.match(/^livekit_cloud_room_participants_joined_total\{project="p_good"/gm)).toHaveLength(
      1001,
    );
    const [, revision] =
      /^livekit_cloud_exporter_build_info\{.*revision="([^"]+)".*\} 1$/m.exec(output) ?? [];
    expect(isCommit(revision), revision).toBe(true);
  });
});

describe('what is printed', () => {
  it('may be left unread', async () => {
    const program = startProgram(['--help']);
    program.closeOutput();
    expect(await program.exit()).toBe(0);
    expect(program.errorOutput).toBe('');
  });
});

describe('the log', () => {
  it('is logfmt', async () => {
    const simulator = await simulate(cloudOf(1));
    const program = serve(environmentOf(simulator), { 'log.format': 'logfmt' });
    await program.ready();
    const lines = program.errorOutput.trimEnd().split('\n').filter(isNoProgress);
    expect(lines.map((line) => line.replace(/^time=\S+Z /, ''))).toEqual([
      expect.stringMatching(/^level=INFO msg=Listening address=127\.0\.0\.1:\d+ telemetry_path=\/metrics$/),
      expect.stringMatching(/^level=INFO msg="TLS is disabled\." http2=false address=127\.0\.0\.1:\d+$/),
      expect.stringMatching(
        /^level=INFO msg="First poll complete" project=p_1 duration=\d+m?s rows=\d+ active_sessions=1 /,
      ),
    ]);
  });
});

describe('while the API hangs in the first listing', () => {
  it('scrapes are answered, the program is healthy, but not ready before the first poll', async () => {
    const listen = { port: await freePort() };
    const simulator = await simulate(cloudOf(3), { listen });
    simulator.faults.order({ kind: 'hang' });
    const program = serve(environmentOf(simulator), { 'api.request-timeout': '5m' });
    await eventually(() => expect(simulator.requests).toHaveLength(1));
    expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(0);
    expect(await program.value('livekit_cloud_bandwidth_in_bytes_total{project="p_1"}')).toBe(0);
    expect((await program.get('/-/healthy')).status).toBe(200);
    expect(await program.get('/-/ready')).toMatchObject({
      status: 503,
      body: expect.stringContaining('p_1'),
    });
    expect((await program.get('/')).body).toContain('First listing');
    expect(await program.value('livekit_cloud_exporter_polls_total{project="p_1"}')).toBe(0);

    await simulator.close();
    const restarted = await simulate(cloudOf(3), { listen });
    await program.ready();
    await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(1));
    restarted.faults.order({ kind: 'status', status: 500 });
    await eventually(async () => expect(await program.value('livekit_cloud_up{project="p_1"}')).toBe(0));
    expect((await program.get('/-/healthy')).status).toBe(200);
    expect((await program.get('/-/ready')).status).toBe(200);

    program.signal('SIGINT');
    expect(await program.exit()).toBe(0);
    expect(program.log.at(-1)).toMatchObject({ msg: 'Stopping', signal: 'SIGINT' });
  });

  it('SIGTERM stops the program with exit code 0', async () => {
    const simulator = await simulate(cloudOf(3));
    simulator.faults.order({ kind: 'hang' });
    const program = serve(environmentOf(simulator), { 'api.request-timeout': '5m' });
    await eventually(() => expect(simulator.requests).toHaveLength(1));
    // A connection that a scraper keeps does not hold it either.
    await program.metrics();
    program.signal('SIGTERM');
    // What has not stopped after ten seconds ends with 1.
    expect(await program.exit()).toBe(0);
    expect(program.log.at(-1)).toMatchObject({ msg: 'Stopping', signal: 'SIGTERM' });
  });
});

describe('names of rooms that customers choose', () => {
  it('do not hold up the program, whatever the patterns: it polls, is healthy, and answers', async () => {
    const cloud = cloudOf(0);
    const units = ['a', 'a-', 'x/', '//', '"\\', '\n', ' ', '&<', '@', 'eyJ', '\u{1f389}', '\u00e9\u0301'];
    const names = [...units.map((unit) => unit.repeat(1000 / unit.length)), `${'a'.repeat(40)}!`];
    for (const roomName of names) cloud.addSession({ roomName, startsAt: Math.floor(unixSeconds()) - 60 });
    const rooms = {
      include: '(team-)?([a-z0-9]+-?)+|.*[/"\\n &@]+',
      exclude: '((.*)-(.*))*!!',
      rewrite: [{ pattern: '(x+x+)+y', replacement: '$1' }],
    };
    const file = configurationFile({ rooms }, onTestFinished);
    const program = serve(environmentOf(await simulate(cloud)), { 'config.file': file });
    await eventually(async () =>
      expect(await program.value('livekit_cloud_active_rooms{project="p_1"}')).toBe(13),
    );
    const before = performance.now();
    expect((await program.get('/-/healthy')).status).toBe(200);
    expect((await program.get('/')).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(2000);

    // The log is JSON when asked for.
    await program.ready();
    expect(program.log).toHaveLength(program.errorOutput.trimEnd().split('\n').length);
    expect(program.log.filter(({ msg }) => isNoProgress(String(msg)))).toMatchObject([
      { level: 'INFO', msg: 'Listening', telemetry_path: '/metrics' },
      { level: 'INFO', msg: 'TLS is disabled.', http2: false },
      { level: 'INFO', project: project.id, active_sessions: 13, active_rooms: 13 },
    ]);
  });
});
