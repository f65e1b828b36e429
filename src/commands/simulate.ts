// `simulate`: only the simulated LiveKit Cloud, with what an exporter needs to be pointed at it.
import type { Settings } from '../config/settings.ts';
import { aborted } from '../lib/signals.ts';
import { demoProjects } from '../simulator/demo-projects.ts';
import { startSimulator } from '../simulator/server.ts';
import { unixSeconds } from '../lib/time.ts';
import type { Program } from './program.ts';

/** Resolves once the simulator has stopped. Rejected when its address cannot be listened on. */
export async function simulate(
  { simulator: settings }: Settings,
  { output, log, stop }: Program,
): Promise<void> {
  const { seed, speed, activeRooms, listDelay, ghosts, listenAddress } = settings;
  const projects = demoProjects({ seed, speed, activeRooms, now: unixSeconds() });
  const simulator = await startSimulator({
    projects,
    now: unixSeconds,
    ...{ listDelay, ghosts },
    listen: { port: listenAddress.port, ...(listenAddress.host && { host: listenAddress.host }) },
  });
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
