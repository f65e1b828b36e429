// `doctor`: checks all that polls need, says what is wrong and what to do about it. Polls nothing, serves nothing.
import type { Settings } from '../config/settings.ts';
import {
  allOf,
  type CheckFinding,
  type Examined,
  fail,
  type Finding,
  findingLines,
  jsonDocument,
  lastLine,
  ok,
  projectLines,
} from '../doctor/findings.ts';
import { examine } from '../doctor/checks.ts';
import { probeProject } from '../doctor/project-probe.ts';
import { isoTime } from '../lib/time.ts';
import { Network } from '../network/network.ts';
import { inspectStateFolder } from '../state/state-folder.ts';
import { StateError } from '../state/state-store.ts';
import { projectKey } from '../exporter/exporter-state.ts';
import type { Output, Program } from './program.ts';

/** Resolves to the exit code: 1 when a check has failed, else 0. */
export async function doctor(
  settings: Settings,
  { environment, output, stop }: Pick<Program, 'environment' | 'output' | 'stop'>,
): Promise<0 | 1> {
  const { projects, json } = settings;
  const write = (text: string) => json || output.write(text);
  const names = projects.map(({ name }) => name).join(', ');
  const network = new Network(environment);
  const state = await inspectState(settings, network).catch((error: unknown) => {
    if (error instanceof StateError) return fail(error.message);
    throw error;
  });
  const common: CheckFinding[] = [
    { check: 'configuration', ...ok(`valid; projects: ${names}`) },
    { check: 'state', ...state },
  ];
  write(common.map(findingLines).join(''));

  const begun = projects.map(async (project): Promise<Examined> => {
    const { name, id, url } = project;
    const probe = probeProject(project, network, stop);
    const findings = await examine(probe);
    probe.close();
    return { name, id: id || new URL(url).host, requests: probe.requests(), findings };
  });
  const examined = await Promise.all(begun).catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });
  if (!examined) return 1;
  write(examined.map(projectLines).join('') + lastLine(common, examined));
  if (json) output.write(jsonDocument(common, examined));
  return allOf(common, examined).some(({ status }) => status === 'fail') ? 1 : 0;
}

/** The report when the configuration cannot be used: nothing else can be checked then. */
export function reportMistakes(
  problems: readonly string[],
  { json, output }: { json: boolean; output: Output },
): 1 {
  const common = problems.map((problem) => ({ check: 'configuration', ...fail(problem) }));
  output.write(json ? jsonDocument(common, []) : common.map(findingLines).join('') + lastLine(common, []));
  return 1;
}

async function inspectState(
  { state: { dir, redis }, projects }: Settings,
  network: Network,
): Promise<Finding> {
  if (redis) {
    const { inspectRedis } = await import('../state/redis-store.ts');
    const { place, replicas } = await inspectRedis({ url: redis, authorities: network });
    return ok(`${place}, ${replicas === 0 ? 'no replica yet' : `replicas there: ${replicas}`}`);
  }
  if (dir === '') return ok('none: counters start from zero at every start');
  const { usedBy, writtenAt, damages } = await inspectStateFolder(dir, projects.map(projectKey));
  if (damages.size > 0) {
    const reasons = [...damages].map(([project, reason]) => `that of ${project}: ${reason}`).join('; ');
    return fail(
      `the exporter would set aside states and count from zero: ${reasons}`,
      'restore backups, or choose another folder with state.dir; see docs/state.md',
    );
  }
  const age = writtenAt === undefined ? 'nothing written yet' : `last written ${isoTime(writtenAt)}`;
  return ok(usedBy === undefined ? age : `in use by ${usedBy}, ${age}`);
}
