// `demo`: the exporter against a simulated LiveKit Cloud in the same process. No account, no network.
import { Credential, type ProjectSettings, type Settings } from '../config/settings.ts';
import { demoProjects } from '../simulator/demo-projects.ts';
import { startSimulator } from '../simulator/server.ts';
import { unixSeconds } from '../lib/time.ts';
import type { Program } from './program.ts';
import { serve } from './serve.ts';

/** Resolves once everything has stopped. */
export async function demo(settings: Settings, program: Program): Promise<void> {
  const { seed, speed, activeRooms, listDelay, ghosts } = settings.simulator;
  const simulated = demoProjects({ seed, speed, activeRooms, now: unixSeconds() });
  const simulator = await startSimulator({ projects: simulated, now: unixSeconds, listDelay, ghosts });
  const projectsOf = ({ projectDefaults: { api, ...defaults } }: Settings): ProjectSettings[] =>
    simulated.map(({ name, id, apiKey, apiSecret }) => ({
      ...defaults,
      name,
      id,
      url: simulator.url,
      api: { ...api, url: simulator.url },
      apiKey: new Credential(apiKey),
      apiSecret: new Credential(apiSecret),
    }));
  const ready = (url: string): void => {
    const metrics = new URL(settings.web.telemetryPath, url).href;
    program.output.write(
      `Demo with a simulated LiveKit Cloud. Stop it with Ctrl+C.\n  Open    ${url}\n  Scrape  ${metrics}\n`,
    );
  };
  try {
    // The simulated API is in this process: no proxy reaches it.
    const environment = { ...program.environment, no_proxy: '*' };
    await serve(settings, { ...program, environment }, { projectsOf, ready });
  } finally {
    await simulator.close();
  }
}
