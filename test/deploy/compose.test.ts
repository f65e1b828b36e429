// The rules that compose.yaml and the Dockerfile keep: nothing runs as root or from an image that can change, nothing
// is reachable from elsewhere, nothing secret stands in a file.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../at-end.ts';
import { itWithPrometheus } from '../prometheus-programs.ts';

interface Service {
  readonly image: string;
  readonly build?: unknown;
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
}

const { services, volumes } = parse(readFileSync('compose.yaml', 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const dockerfile = readFileSync('Dockerfile', 'utf8');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

const exactVersion = /:v?\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$/;

describe.each(Object.entries(services))('the service %s', (name, service) => {
  it('runs an exact version of its image', () => {
    if (service.build) expect(service.image).toMatch(/^livekit-cloud-exporter/);
    else expect(service.image).toMatch(exactVersion);
  });

  it('is an unprivileged user without capabilities, on read-only files', () => {
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('has a health check if it stays', () => {
    if (service.restart) {
      const ofImage = name === 'exporter' && /^HEALTHCHECK /m.test(dockerfile);
      expect(ofImage || service.healthcheck?.test?.[0]).toBeTruthy();
    }
  });

  it('is reachable from this machine alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('writes to named volumes only', () => {
    for (const volume of service.volumes ?? []) {
      const [source = '', , mode] = volume.split(':');
      if (source.startsWith('.')) expect(mode).toBe('ro');
      else expect(Object.keys(volumes)).toContain(source);
    }
  });

  it('is given credentials from outside, if any', () => {
    for (const [variable, value] of Object.entries(service.environment ?? {}))
      if (/KEY|SECRET|PASSWORD|TOKEN/.test(variable) && !/DISABLE/.test(variable)) expect(value).toBeNull();
  });
});

describe('the demonstration', () => {
  /** What a service's shell starts instead of node: the arguments of `node`, empty when it starts nothing. */
  function started(name: string, environment: Record<string, string>): string {
    const [shell = '', ...args] = services[name]?.entrypoint ?? [];
    const script = args.map((argument) =>
      argument.replaceAll('$$', '$').replaceAll('exec node', 'exec echo').replace('mkdir', 'true'),
    );
    return spawnSync(shell, script, { encoding: 'utf8', env: environment }).stdout.trim();
  }

  it.each([
    ['without credentials', {}, true],
    ['with credentials that are empty', { LIVEKIT_PROJECT_ID: '', LIVEKIT_API_KEY: '' }, true],
    ['with credentials', { LIVEKIT_PROJECT_ID: 'p_1', LIVEKIT_API_KEY: 'API1' }, false],
    ['with credentials of the live source alone', { LIVEKIT_URL: 'wss://a', LIVEKIT_API_KEY: 'API1' }, false],
    ['with a key alone, which the exporter complains about', { LIVEKIT_API_KEY: 'API1' }, false, true],
    ['with a URL alone, which the exporter complains about', { LIVEKIT_URL: 'wss://a' }, false],
    ['with a configuration file', { CONFIG_FILE: 'config.yml' }, false],
  ])('%s: %j', (_, environment, isDemo, isRefused = false) => {
    const file = 'CONFIG_FILE' in environment ? ' --config.file=/etc/livekit-cloud-exporter/config.yml' : '';
    expect(started('exporter', environment)).toBe(`/app/dist/main.js${isDemo ? ' demo' : file}`);
    expect(started('demo-history', environment) !== '').toBe(isDemo || isRefused);
  });
});

it('is found where the README says', () => {
  const readme = readFileSync('README.md', 'utf8');
  const said = Array.from(readme.matchAll(/^\| <http:\/\/localhost:(\d+)>/gm), ([, port]) => Number(port));
  const published = Object.values(services).flatMap(({ ports = [] }) =>
    ports.map((port) => Number(port.split(':')[1])),
  );
  expect(said.toSorted()).toEqual(published.toSorted());
});

describe('Prometheus, and what writes its past', () => {
  /** What the shell of a service says of the folders that it uses, given the variables that it is given. */
  function folders(name: string, environment: Record<string, string>): string[] {
    const { entrypoint = [], environment: passed = {} } = services[name] ?? {};
    const given = Object.entries(environment).filter(([variable]) => variable in passed);
    const script = (entrypoint[2] ?? '')
      .replaceAll('$$', '$')
      .replaceAll(/^( *)(exec |until |promtool |rm )/gm, '$1echo $2')
      .replaceAll(/"(.*)"\/\*\.om/g, '"$1"')
      .replaceAll(/^ *\[ -f .*$/gm, '')
      .replaceAll('; do sleep 1; done', '');
    const said = spawnSync('sh', ['-ec', script], {
      encoding: 'utf8',
      env: Object.fromEntries(given),
    }).stdout;
    return [...new Set(said.match(/\/(history|prometheus)\/\w+/g))].sort();
  }

  it.each([
    ['nothing', {}, 'demo'],
    ['an id', { LIVEKIT_PROJECT_ID: 'p_1', LIVEKIT_URL: 'wss://a' }, 'measured'],
    ['a URL alone', { LIVEKIT_URL: 'wss://a' }, 'measured'],
    ['a configuration file', { CONFIG_FILE: 'config.yml' }, 'measured'],
  ])('never mix what was simulated with what was measured: given %s', (_, environment, kind) => {
    expect(folders('prometheus', environment)).toEqual([`/prometheus/${kind}`]);
    expect(folders('history-import', environment)).toEqual([`/history/${kind}`, `/prometheus/${kind}`]);
  });
});

it('passes on what .env.example offers', () => {
  const offered = readFileSync('.env.example', 'utf8').match(/^\w+(?==)/gm) ?? [];
  expect(offered.toSorted()).toEqual(
    Object.keys(services['exporter']?.environment ?? {})
      .filter((variable) => services['exporter']?.environment?.[variable] === null)
      .sort(),
  );
});

itWithPrometheus('promtool accepts the configuration of Prometheus', () => {
  const { status, stderr } = spawnSync('promtool', ['check', 'config', 'deploy/prometheus/prometheus.yml'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
});

describe('the Dockerfile', () => {
  const bases = Array.from(dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?/gm), ([, base = '', stage]) => ({
    base,
    stage,
  }));

  it('builds and runs on one exact version of its base', () => {
    const stages = bases.map(({ stage }) => stage);
    const images = new Set(bases.map(({ base }) => base).filter((base) => !stages.includes(base)));
    expect([...images]).toEqual([expect.stringMatching(exactVersion)]);
    expect(stages.at(-1)).toBeUndefined();
  });

  it('says the version of the package', () => {
    expect(dockerfile).toContain(`org.opencontainers.image.version="${version}"`);
  });

  it('builds the program with the commit that is given to it, as the documents do', () => {
    const folder = temporaryFolder();
    const [entry, out] = [join(folder, 'entry.js'), join(folder, 'out')];
    writeFileSync(entry, 'console.log(__REVISION__);');
    const [, build = ''] = /^ARG REVISION=\w+\nRUN (.*node build\.js)$/m.exec(dockerfile) ?? [];
    const env = { PATH: process.env['PATH'], REVISION: '0123abc' };
    execFileSync('sh', ['-c', `${build} ${entry} ${out}`], { env });
    expect(execFileSync(process.execPath, [join(out, 'main.js')], { encoding: 'utf8' })).toBe('0123abc\n');

    for (const document of ['README.md', 'docs/releases.md', 'docs/kubernetes.md']) {
      const commands = readFileSync(document, 'utf8').match(/^.*docker (build|compose up) .*$/gm) ?? [];
      expect(commands, document).not.toEqual([]);
      for (const command of commands) expect(command).toContain('REVISION=$(git rev-parse HEAD)');
    }
  });

  it('ends as an unprivileged user by number', () => {
    expect(dockerfile.match(/^USER .+/gm)?.at(-1)).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
  });
});
