// One run of the program for many tests: each start costs half a second of a processor, and a configuration holds many
// projects, each with an API of its own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { afterAllTests, type AtEnd, temporaryFolder } from '../at-end.ts';
import type { FaultOrder } from '../simulator-support/faults.ts';
import type { ScriptedCloud } from '../simulator-support/scripted-cloud.ts';
import type { Simulator, SimulatorOptions } from '../simulator-support/test-simulator.ts';
import { keys, project as credentials, simulate } from './simulated-api.ts';

/** Made before the tests that follow; what that has started ends after them. */
export function shared<Made>(make: (atEnd: AtEnd) => Promise<Made>): () => Made {
  const atEnd = afterAllTests();
  let made: Made | undefined;
  beforeAll(async () => {
    made = await make(atEnd);
  });
  return () => made ?? expect.fail('It was not made.');
}

/** Resolves to its path. JSON is YAML. */
export function configurationFile(configuration: object, atEnd: AtEnd): string {
  const file = join(temporaryFolder(atEnd), 'exporter.yml');
  writeFileSync(file, JSON.stringify(configuration));
  return file;
}

export interface ProjectCase {
  readonly cloud: ScriptedCloud;
  readonly fault?: FaultOrder;
  readonly simulated?: Partial<SimulatorOptions>;
  /** By which URL the program reaches the API, when it is another than its own. */
  readonly url?: (own: string) => string | Promise<string>;
  /** Whether it has a live source. */
  readonly live?: boolean;
  /** As the configuration file has them. */
  readonly settings?: Readonly<Record<string, unknown>> & { readonly api?: object };
}

/** A project of each of these names, and the file that configures them all. */
export async function simulateProjects(cases: Readonly<Record<string, ProjectCase>>, atEnd: AtEnd) {
  const simulators = new Map<string, Simulator>();
  const projects = Object.entries(cases).map(async ([name, project], index) => {
    const { cloud, fault, simulated, url = (own) => own, live, settings } = project;
    const id = `p_${String(index)}`;
    const options = { projects: [{ ...credentials, id, cloud }], ...simulated };
    const simulator = await simulate(cloud, options, atEnd);
    if (fault) simulator.faults.order(fault);
    simulators.set(name, simulator);
    const api = { url: await url(simulator.url), ...settings?.api };
    return { name, id, ...(live && { url: simulator.url.replace('http', 'ws') }), ...keys, ...settings, api };
  });
  const file = configurationFile({ projects: await Promise.all(projects) }, atEnd);
  return { file, simulatorOf: (name: string) => simulators.get(name) ?? expect.fail(`no project ${name}`) };
}
