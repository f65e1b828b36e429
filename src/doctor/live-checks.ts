// The checks of one project's live source: what the server API answers to a live poll.
import type { ProjectSettings } from '../config/settings.ts';
import { unixSeconds } from '../lib/time.ts';
import { ApiClient } from '../livekit/client/api-client.ts';
import { createLiveSource, serverUrl } from '../livekit/live/live-source.ts';
import type { Network } from '../network/http-client.ts';
import { type CheckFinding, counted, ok, outcome, skip, unlessRejected } from './finding.ts';

/** `report` is called with each finding. Resolves to the number of requests. */
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
  // No retries: a check reports what it meets.
  const source = createLiveSource(new ApiClient({ ...options, attempts: 1, now: unixSeconds }));
  const readRooms = async () => {
    const { rooms, rejected } = await source.readRooms(stop);
    const participants = rooms.reduce((sum, room) => sum + room.participants, 0);
    const words = `${counted(rooms.length, 'room')}, ${counted(participants, 'participant')}`;
    return unlessRejected(rejected, `${words}; ${rejected.length} more`, ok(words));
  };
  const readEgresses = async () => {
    if (!live.egress) return skip('live.egress is off');
    const { egresses, rejected } = await source.readEgresses(stop);
    const running = egresses.filter(({ endedAt }) => endedAt === 0).length;
    const words = `${running} running, ${egresses.length - running} ended`;
    return unlessRejected(rejected, `${words}; ${rejected.length} more`, ok(words));
  };
  try {
    report({ check: 'live rooms', ...(await outcome(readRooms())) });
    report({ check: 'live egresses', ...(await outcome(readEgresses())) });
  } finally {
    http.close();
  }
  return requests;
}
