// `doctor`: checks all that polls need, says what is wrong and what to do about it. Polls nothing, serves nothing.
import type { Settings } from '../config/settings.ts';
import type { CheckFinding, Finding } from '../doctor/finding.ts';
import { fail, ok } from '../doctor/finding.ts';
import { examine } from '../doctor/checks.ts';
import { probeProject } from '../doctor/project-probe.ts';
import { JsonReport, type Report, type Subject, TextReport } from '../doctor/report.ts';
import { Network } from '../network/http-client.ts';
import { inspectStateFolder } from '../state/state-folder.ts';
import { StateError } from '../state/state-store.ts';
import { stateKey } from '../exporter/exporter-state.ts';
import type { Output, Program } from './program.ts';

interface DoctorOptions {
  /** Whether one JSON document is printed instead of lines. */
  readonly json: boolean;
  readonly output: Output;
}

/** Resolves to the exit code: 1 when a check has failed, else 0. */
export async function doctor(
  settings: Settings,
  { environment, output, stop }: Pick<Program, 'environment' | 'output' | 'stop'>,
): Promise<0 | 1> {
  const { projects, json } = settings;
  const report = openReport(projects, { json, output });
  let exitCode: 0 | 1 = 0;
  const add = (finding: CheckFinding, project?: Subject) => {
    if (finding.status === 'fail') exitCode = 1;
    report.add(finding, project);
  };
  const names = projects.map(({ name }) => name).join(', ');
  add({ check: 'configuration', ...ok(`fine; projects: ${names}`) });
  add({ check: 'state', ...(await checkState(settings)) });

  // What is wrong with authorities is told by a check of its own.
  const network = new Network(environment);
  const examined = projects.map(async (project) => {
    const probe = probeProject(project, network, stop);
    await examine(probe, (finding) => add(finding, project));
    probe.close();
    report.endOf(project, probe.requests());
  });
  try {
    await Promise.all(examined);
  } catch (error) {
    if (!stop.aborted) throw error;
    return 1;
  }
  report.close();
  return exitCode;
}

/** The report when the configuration cannot be used: nothing else can be checked then. */
export function reportMistakes(problems: readonly string[], options: DoctorOptions): 1 {
  const report = openReport([], options);
  for (const problem of problems) report.add({ check: 'configuration', ...fail(problem) });
  report.close();
  return 1;
}

function openReport(subjects: readonly Subject[], { json, output }: DoctorOptions): Report {
  const write = (text: string) => output.write(text);
  return json ? new JsonReport(subjects, write) : new TextReport(subjects, write);
}

async function checkState({ state: { dir }, projects }: Settings): Promise<Finding> {
  if (dir === '') return ok('none: counters begin at zero at every start');
  try {
    const { usedBy, writtenAt, damages } = await inspectStateFolder(dir, projects.map(stateKey));
    if (damages.size > 0) {
      const reasons = [...damages].map(([project, reason]) => `that of ${project}: ${reason}`).join('; ');
      return fail(
        `the exporter would set states aside and count from zero: ${reasons}`,
        'put backups in their place, or name another folder with state.dir; docs/state.md says more',
      );
    }
    const age = writtenAt === undefined ? 'nothing written yet' : `last written ${isoTime(writtenAt)}`;
    return ok(usedBy === undefined ? age : `in use by ${usedBy}, ${age}`);
  } catch (error) {
    if (error instanceof StateError) return fail(error.message);
    throw error;
  }
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
