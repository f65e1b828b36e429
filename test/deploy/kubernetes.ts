// helm, kubectl and what the Kubernetes API accepts, from .build/kubernetes (fetch-kubernetes.sh). Where that is missing
// these tests are skipped, but in CI they fail: there a test that did not run must not look like one that passed.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { describe } from 'vitest';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  data?: Record<string, string>;
  spec?: unknown;
}

export const chart = 'deploy/helm/livekit-cloud-exporter';
const folder = resolve('.build/kubernetes');
const mend = existsSync(`${folder}/helm`)
  ? undefined
  : '.build/kubernetes is missing; run test/deploy/fetch-kubernetes.sh';
const skipped = mend !== undefined && !process.env.CI;

if (skipped) process.stderr.write(`Skipping the tests of the chart: ${mend}\n`);

export const describeWithHelm = describe.skipIf(skipped);

export function run(program: 'helm' | 'kubectl', ...args: readonly string[]) {
  if (mend !== undefined) throw new Error(mend);
  const { status, stdout, stderr } = spawnSync(`${folder}/${program}`, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { status, stdout, stderr };
}

const rendered = new Map<string, string>();

/** What the chart makes of these arguments; throws what helm has to say. */
export function render(...args: readonly string[]): Manifest[] {
  const key = args.join('\n');
  const yaml = rendered.get(key) ?? rendering(args);
  rendered.set(key, yaml);
  return manifests(yaml);
}

function rendering(args: readonly string[]): string {
  const { status, stdout, stderr } = run(
    'helm',
    'template',
    'livekit-cloud-exporter',
    chart,
    '--namespace=monitoring',
    ...args,
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

export function manifests(yaml: string): Manifest[] {
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

const operator = '@kubernetes-models/prometheus-operator/monitoring.coreos.com';
const modules: Readonly<Record<string, string>> = {
  'v1 ConfigMap': 'kubernetes-models/v1/ConfigMap',
  'v1 PersistentVolumeClaim': 'kubernetes-models/v1/PersistentVolumeClaim',
  'v1 Pod': 'kubernetes-models/v1/Pod',
  'v1 Service': 'kubernetes-models/v1/Service',
  'v1 ServiceAccount': 'kubernetes-models/v1/ServiceAccount',
  'apps/v1 Deployment': 'kubernetes-models/apps/v1/Deployment',
  'batch/v1 Job': 'kubernetes-models/batch/v1/Job',
  'policy/v1 PodDisruptionBudget': 'kubernetes-models/policy/v1/PodDisruptionBudget',
  'networking.k8s.io/v1 NetworkPolicy': 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy',
  'monitoring.coreos.com/v1 PrometheusRule': `${operator}/v1/PrometheusRule`,
  'monitoring.coreos.com/v1 ServiceMonitor': `${operator}/v1/ServiceMonitor`,
  'monitoring.coreos.com/v1alpha1 ScrapeConfig': `${operator}/v1alpha1/ScrapeConfig`,
};

/**
 * What the Kubernetes API and the Prometheus Operator would refuse. The packages' validators check values (ranges,
 * patterns, formats) and let unknown fields pass; the compiler refuses fields that their types do not have.
 */
export async function complaints(all: readonly Manifest[]): Promise<string[]> {
  const found: string[] = [];
  for (const manifest of all) {
    const name = `${manifest.apiVersion} ${manifest.kind}`;
    const module = modules[name];
    if (module === undefined) {
      found.push(`${name} is not known to this test`);
      continue;
    }
    const url = pathToFileURL(`${folder}/node_modules/${module}.js`).href;
    const models = (await import(/* @vite-ignore */ url)) as Record<
      string,
      new (manifest: Manifest) => { validate(): void }
    >;
    try {
      new models[manifest.kind]!(manifest).validate();
    } catch (error) {
      found.push(`${manifest.kind} ${manifest.metadata.name}: ${String(error)}`);
    }
  }
  return [...found, ...unknownFields(all)];
}

const compilerOptions: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

/** Reading the types of the Kubernetes API takes longer than all else: it is done once. */
const host = ts.createCompilerHost(compilerOptions);
const getSourceFile = host.getSourceFile.bind(host);
const types = new Map<string, ts.SourceFile | undefined>();
host.getSourceFile = (file, ...how) => {
  if (!file.endsWith('.d.ts')) return getSourceFile(file, ...how);
  if (!types.has(file)) types.set(file, getSourceFile(file, ...how));
  return types.get(file);
};

function unknownFields(all: readonly Manifest[]): string[] {
  const sources = all.map((manifest, index) => {
    const type = `import('${modules[`${manifest.apiVersion} ${manifest.kind}`] ?? ''}').I${manifest.kind}`;
    const source = `${folder}/${manifest.kind}-${String(index)}.ts`;
    writeFileSync(source, `export const manifest: ${type} = ${JSON.stringify(manifest, null, 1)};`);
    return source;
  });
  const program = ts.createProgram(sources, compilerOptions, host);
  const found = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const place = file?.text.slice(start, start + 60).split('\n', 1)[0] ?? '';
    return `${basename(file?.fileName ?? '')}, at ${place} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  for (const source of sources) rmSync(source);
  return found;
}
