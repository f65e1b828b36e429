// `demo`: the exporter against a simulated LiveKit Cloud in the same process; no account, no network. `simulate`: only that
// cloud, with what an exporter needs to be pointed at it.
import { Credential, type ProjectSettings, type Settings } from '../config/settings.ts';
import { aborted } from '../lib/signals.ts';
import { unixSeconds } from '../lib/time.ts';
import { demoProjects } from '../simulator/cloud.ts';
import { startSimulator, type SimulatorOptions } from '../simulator/server.ts';
import type { Program } from './program.ts';
import { serve } from './serve.ts';

export async function demo(settings: Settings, program: Program): Promise<void> {
  const { simulator, projects } = await startCloud(settings);
  const projectsOf = ({ projectDefaults: { api, ...defaults } }: Settings): ProjectSettings[] =>
    projects.map(({ name, id, apiKey, apiSecret }) => ({
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

/** Resolves once the simulator has stopped. Rejected when its address cannot be listened on. */
export async function simulate(settings: Settings, { output, log, stop }: Program): Promise<void> {
  const { seed, speed, activeRooms, listenAddress } = settings.simulator;
  const { simulator, projects } = await startCloud(settings, listenAddress);
  log.info('Simulating LiveKit Cloud', { url: simulator.url, seed, speed, active_rooms: activeRooms });
  for (const { name, id, apiKey, apiSecret } of projects) {
    output.write(
      [
        `# project ${name}`,
        `LIVEKIT_ANALYTICS_URL=${simulator.url}`,
        `LIVEKIT_URL=${simulator.url.replace(/^http/, 'ws')}`,
        `LIVEKIT_PROJECT_ID=${id}`,
        `LIVEKIT_API_KEY=${apiKey}`,
        `LIVEKIT_API_SECRET=${apiSecret}`,
        '',
      ].join('\n'),
    );
  }
  await aborted(stop);
  await simulator.close();
}

async function startCloud({ simulator: settings }: Settings, listen: SimulatorOptions['listen'] = {}) {
  const { seed, speed, activeRooms, listDelay, ghosts } = settings;
  const projects = demoProjects({ seed, speed, activeRooms, now: unixSeconds() });
  const simulator = await startSimulator({ projects, now: unixSeconds, listDelay, ghosts, listen });
  return { simulator, projects };
}
