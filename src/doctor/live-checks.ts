// The checks of one project's live source: what the server API answers to a live poll.
import type { ProjectSettings } from '../config/settings.ts';
import { SourceError } from '../core/source-error.ts';
import { unixSeconds } from '../exporter/project-parts.ts';
import { Access } from '../livekit/client/access.ts';
import { createLiveSource, serverUrl } from '../livekit/live/live-source.ts';
import type { Network } from '../network/http-client.ts';
import { type CheckFinding, counted, failed, type Finding, ok, skip, warn } from './finding.ts';

/** `report` hears of each check as it ends. Resolves to the requests made. */
export async function examineLive(
  { url, apiKey, apiSecret, api, live }: ProjectSettings,
  network: Network,
  stop: AbortSignal,
  report: (finding: CheckFinding) => void,
): Promise<number> {
  const address = serverUrl(url);
  const http = network.open(new URL(address), { connectTimeout: api.requestTimeout });
  let requests = 0;
  const observer = {
    requestFinished: () => void (requests += 1),
    requestRetried: () => undefined,
    budgetWaited: () => undefined,
  };
  const options = { ...api, url: address, projectId: '', apiKey, apiSecret, http, observer };
  // What is found is to be told, not to be overcome.
  const source = createLiveSource(new Access({ ...options, attempts: 1, now: unixSeconds }));
  const check = async (name: string, find: () => Promise<Finding>): Promise<void> => {
    try {
      report({ check: name, ...(await find()) });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      report({ check: name, ...failed(error) });
    }
  };
  try {
    await check('live rooms', async () => {
      const { rooms, rejected } = await source.readRooms(stop);
      const participants = rooms.reduce((sum, room) => sum + room.participants, 0);
      return unlessRejected(
        rejected,
        `${counted(rooms.length, 'room')}, ${counted(participants, 'participant')}`,
      );
    });
    await check('live egresses', async () => {
      if (!live.egress) return skip('live.egress is off');
      const { egresses, rejected } = await source.readEgresses(stop);
      const running = egresses.filter(({ endedAt }) => endedAt === 0).length;
      return unlessRejected(rejected, `${running} running, ${egresses.length - running} ended`);
    });
  } finally {
    http.close();
  }
  return requests;
}

function unlessRejected(rejected: readonly string[], words: string): Finding {
  if (rejected.length === 0) return ok(words);
  return warn(
    `${words}; ${rejected.length} more cannot be used: ${[...new Set(rejected)].join(', ')}`,
    'look for a newer exporter; if there is none, report it',
  );
}
