// The chart: what it makes of the files in values/ is what the Kubernetes API, the Prometheus Operator, Pod Security and
// the exporter itself accept. `npm run manifests` writes the expected output and deploy/kubernetes again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { projectKeys } from '../../src/config/project-schema.ts';
import { fileSchema } from '../../src/config/schema.ts';
import { chart, complaints, describeWithHelm, manifests, render, run, type Manifest } from './kubernetes.ts';

const folder = mkdtempSync(join(tmpdir(), 'chart-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const cases = readdirSync('test/deploy/values').map((file) => basename(file, '.yaml'));
const rulesOf = (file: string) => `deploy/prometheus/rules/${file}.yml`;

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly hostNetwork?: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly { readonly securityContext: unknown }[];
}

function podsOf(all: readonly Manifest[]): PodSpec[] {
  return all.flatMap(({ kind, spec }) =>
    kind === 'Deployment' || kind === 'Job'
      ? [(spec as { template: { spec: PodSpec } }).template.spec]
      : kind === 'Pod'
        ? [spec as PodSpec]
        : [],
  );
}

describeWithHelm.each(cases)('the chart with %s', (name) => {
  const values = `--values=test/deploy/values/${name}.yaml`;

  it('passes helm lint', () => {
    const { status, stdout } = run('helm', 'lint', '--strict', chart, values);
    expect({ status, stdout }).toMatchObject({ status: 0 });
  });

  it('renders what it did', async () => {
    await expect(stringifyAll(render(values).map(withoutCopies))).toMatchFileSnapshot(`golden/${name}.yaml`);
  });

  it('meets the restricted Pod Security Standard, on read-only files', () => {
    const pods = podsOf(render(values));
    expect(pods).toHaveLength(name === 'history' ? 3 : 2);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
      expect(pod.hostNetwork).toBeUndefined();
      for (const { securityContext } of pod.containers)
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });

  it('gives the exporter a configuration file that it accepts', () => {
    const text = render(values).find(({ data }) => data?.['config.yml'] !== undefined)?.data?.['config.yml'];
    if (text === undefined) return void expect(name).toBe('demo');
    // The files of the Secrets and the volume, here.
    for (const [path = '', kind] of text.matchAll(/\/run\/secrets(-redis)?\/\S+/g)) {
      const file = join(folder, path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, kind ? 'redis://redis:6379' : 'APIabc');
    }
    const file = join(folder, 'config.yml');
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(file, text.replaceAll('/run/secrets', `${folder}/run/secrets`).replace('/data', folder));
    const { status, stderr } = spawnSync(
      process.execPath,
      ['dist/main.js', '--config.check', `--config.file=${file}`],
      { encoding: 'utf8', env: {} },
    );
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});

/** The rules and boards are those of the repository; the expected output does not repeat them. */
function withoutCopies(manifest: Manifest): Manifest {
  const { kind, data } = manifest;
  if (kind === 'PrometheusRule') return { ...manifest, spec: { groups: 'not repeated here' } };
  const boards = Object.entries(data ?? {}).map(([file, text]) => [
    file,
    file.endsWith('.json') ? 'not repeated here' : text,
  ]);
  return data ? { ...manifest, data: Object.fromEntries(boards) as Record<string, string> } : manifest;
}

function stringifyAll(all: readonly Manifest[]): string {
  return all
    .map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

describeWithHelm('the chart', () => {
  const demo = '--values=test/deploy/values/demo.yaml';

  // All at once: the compiler reads the types of the Kubernetes API a single time.
  it('is what the Kubernetes API and the Prometheus Operator accept, to the field', async () => {
    const all = cases.flatMap((name) => render(`--values=test/deploy/values/${name}.yaml`));
    expect(await complaints(all)).toEqual([]);
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(parse(readFileSync(`${chart}/Chart.yaml`, 'utf8'))).toMatchObject({
      version,
      appVersion: version,
    });
  });

  it('packs the rules and boards, not links to them', () => {
    const { status } = run('helm', 'package', chart, `--destination=${folder}`);
    expect(status).toBe(0);
    const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    const { stdout } = spawnSync('tar', ['-tvzf', join(folder, archive ?? '')], { encoding: 'utf8' });
    expect(stdout).toMatch(/^-.*files\/rules\/alerts\.yml$/m);
    expect(stdout).toMatch(/^-.*files\/boards\/overview\.json$/m);
  });

  it('carries every rule of deploy/prometheus/rules as it is there', () => {
    const rules = render(demo).filter(({ kind }) => kind === 'PrometheusRule');
    expect(rules.map(({ metadata }) => metadata.name.replace('livekit-cloud-exporter-', ''))).toEqual(
      readdirSync('deploy/prometheus/rules').map((file) => basename(file, '.yml')),
    );
    for (const { metadata, spec } of rules) {
      const original = parse(
        readFileSync(rulesOf(metadata.name.replace('livekit-cloud-exporter-', '')), 'utf8'),
      ) as {
        groups: unknown;
      };
      // Numbers are strings to the operator, however Helm spells them.
      const spelled = (key: string, value: unknown) =>
        key === 'expr' && Number.isFinite(Number(value)) ? Number(value) : value;
      expect(JSON.parse(JSON.stringify(spec, spelled))).toEqual(original);
    }
  });

  it('carries every board of grafana/dashboards as it is there', () => {
    const boards = render(demo).flatMap(({ data }) => Object.entries(data ?? {}));
    expect(boards.map(([file]) => file.replace('livekit-cloud-', ''))).toEqual(
      readdirSync('grafana/dashboards'),
    );
    for (const [file, text] of boards)
      expect(text).toBe(
        readFileSync(`grafana/dashboards/${file.replace('livekit-cloud-', '')}`, 'utf8').trimEnd() + '\n',
      );
  });

  it('puts thresholds and the address of the runbook into the rules', () => {
    const rules = stringifyAll(render('--values=test/deploy/values/thresholds.yaml'));
    expect(rules).toMatch(/- expr: "900"\n\s+record: livekit_cloud:data_age_seconds:threshold\n/);
    expect(rules).toMatch(
      /- expr: "200"\n\s+labels:\n\s+signal: participants\n\s+record: livekit_cloud:project_floor:threshold\n/,
    );
    expect(rules).toContain('url: https://wiki.example.org/livekit-runbook');
  });

  it('restarts the exporter when its configuration changes', () => {
    const checksum = (...args: string[]) =>
      /checksum\/config: (\w+)/.exec(
        stringifyAll(render('--values=test/deploy/values/one-project.yaml', ...args)),
      )?.[1];
    expect(checksum()).toBeDefined();
    expect(checksum()).toBe(checksum('--set=resources.limits.memory=1Gi'));
    expect(checksum()).not.toBe(checksum('--set=config.rooms.limit=10'));
  });

  it.each([
    ['nothing to poll', [], /no projects/],
    ['an unknown value', ['--set=demo=true,replicaCount=2'], /replicaCount/],
    ['replicas with nothing to share', ['--set=demo=true,replicas=2'], /redis\.secretName/],
    [
      'a Service before replicas',
      ['--set=demo=true,replicas=2,redis.secretName=redis,scrapeConfig.enabled=true'],
      /use serviceMonitor/,
    ],
    ['an unknown value inside another', ['--set=demo=true,persistence.sise=1Gi'], /sise/],
    ['a project without its Secret', ['--set=projects[0].name=production'], /secret/],
    ['a key in the values', ['--set=projects[0].name=a,projects[0].api_secret=abc'], /api_secret/],
    ['a section that the file does not have', ['--set=demo=true,config.pol.interval=1m'], /pol/],
    ['two ways to be scraped', [demo, '--set=scrapeConfig.enabled=true'], /scraped twice/],
    [
      'a threshold that no rule has',
      [demo, '--set=prometheusRule.thresholds.livekit_cloud:pain:threshold=1'],
      /thresholds\.yml has no livekit_cloud:pain:threshold/,
    ],
  ])('refuses %s', (_, args, message) => {
    expect(() => render(...args)).toThrow(message);
  });

  it.each([
    ['an unknown field', { selectors: {} }, /"selectors"' does not exist/],
    ['a value out of its range', { healthCheckNodePort: 1.5 }, /healthCheckNodePort must be integer/],
  ])('is checked by what notices %s', async (_, wrong, message) => {
    const [service] = render(demo).filter(({ kind }) => kind === 'Service');
    const broken = { ...service!, spec: { ...(service!.spec as object), ...wrong } };
    expect((await complaints([broken])).join('\n')).toMatch(message);
  });
});

it("the chart's values know the sections and keys of the configuration file", () => {
  const schema = JSON.parse(readFileSync(`${chart}/values.schema.json`, 'utf8')) as {
    properties: {
      config: { properties: object };
      projects: { items: { properties: object } };
    };
  };
  const { config, projects } = schema.properties;
  // The projects and the state are values of their own.
  const sections = Object.keys(fileSchema.shape).filter((name) => !['projects', 'state'].includes(name));
  expect(Object.keys(config.properties).sort()).toEqual(sections.sort());
  const secret = ['api_key', 'api_secret', 'api_key_file', 'api_secret_file'];
  expect(Object.keys(projects.items.properties).sort()).toEqual(
    [...projectKeys.filter((key) => !secret.includes(key)), 'secret'].sort(),
  );
});

describeWithHelm('deploy/kubernetes', () => {
  const rendered = () => render('--values=deploy/kubernetes/values.yaml', '--no-hooks').map(plain);

  it('is the chart, rendered for kustomize', async () => {
    const operator = /monitoring\.coreos\.com/;
    const exporter = rendered().filter(
      ({ kind, apiVersion }) => !operator.test(apiVersion) && kind !== 'ConfigMap',
    );
    const forOperator = rendered().filter(({ apiVersion }) => operator.test(apiVersion));
    const config = rendered().find(({ kind }) => kind === 'ConfigMap')?.data?.['config.yml'] ?? '';
    const note = '# Rendered from the chart (`npm run manifests`); change it by a patch of your own.\n';
    const files = '../../deploy/kubernetes';
    await expect(note + stringifyAll(exporter)).toMatchFileSnapshot(`${files}/exporter.yaml`);
    await expect(config).toMatchFileSnapshot(`${files}/config.yml`);
    await expect(note + stringifyAll(forOperator)).toMatchFileSnapshot(
      `${files}/prometheus-operator/operator.yaml`,
    );
  });

  it.each(['deploy/kubernetes', 'deploy/kubernetes/prometheus-operator'])('%s builds', async (path) => {
    const { status, stdout, stderr } = run('kubectl', 'kustomize', path);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(await complaints(manifests(stdout))).toEqual([]);
  });
});

/** Without what says that Helm manages it; kustomize restarts the exporter by the name of the ConfigMap. */
function plain(manifest: Manifest): Manifest {
  const text = stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })
    .replaceAll(/^ *(app\.kubernetes\.io\/managed-by|helm\.sh\/chart): .*\n/gm, '')
    .replaceAll(/^ *annotations:\n *checksum\/config: .*\n/gm, '');
  return parse(text) as Manifest;
}

describe('the systemd unit', () => {
  const unit = 'deploy/systemd/livekit-cloud-exporter.service';
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  const { error } = analyze('--version');
  if (error) process.stderr.write('Skipping the tests of the systemd unit: systemd-analyze not found\n');

  it.skipIf(error)('is one that systemd understands, hardened', () => {
    const verified = analyze('verify', unit);
    expect({ status: verified.status, stderr: verified.stderr }).toEqual({ status: 0, stderr: '' });
    // 1.3 of 10; what is left is that it reaches the network.
    const security = analyze('security', '--offline=true', '--threshold=15', unit);
    expect({ status: security.status, stdout: security.stdout }).toMatchObject({ status: 0 });
  });
});
