// The composition root: wires the API client, the ledger, the poll loop and the exposition of each project.
import { createAnalyticsSource } from '../analytics/analytics-source.ts';
import type { PollingSettings, ProjectSettings } from '../config/settings.ts';
import { Ledger } from '../core/ledger.ts';
import { roomLabels } from '../core/room-labels.ts';
import { Exposition } from '../exposition/exposition.ts';
import { createSelfMetrics } from '../exposition/self-metrics.ts';
import type { ProjectStatus } from '../http/status.ts';
import { Poller } from '../poll/poller.ts';
import { type ExporterState, stateKey } from './exporter-state.ts';
import { prepareFirstRequest } from './first-request.ts';
import type { Program } from './program.ts';
import { projectStatus } from './project-status.ts';

export interface Exporter {
  readonly exposition: Exposition;
  /** Each polls its project; independent of the others. */
  readonly pollers: readonly Poller[];
  status(): ProjectStatus[];
  /** Polls until the signal aborts. */
  run(stop: AbortSignal): Promise<void>;
}

/** Without `state` counters start from zero. */
export async function createExporter(
  projects: readonly ProjectSettings[],
  { version, revision, nodeVersion, log }: Pick<Program, 'version' | 'revision' | 'nodeVersion' | 'log'>,
  state?: ExporterState,
): Promise<Exporter> {
  state?.retain(projects.map(stateKey));
  const selfMetrics = createSelfMetrics({ version, revision, nodeVersion });
  const exposition = new Exposition(selfMetrics, () => performance.now());
  const wired = await Promise.all(
    projects.map(async (settings) => {
      const { name, id, apiKey, apiSecret, api, poll } = settings;
      const metrics = selfMetrics.project(name, { requestsPerMinute: api.requestsPerMinute });
      const requests = { running: 0, lastPoll: undefined as number | undefined };
      const ledger = new Ledger(ledgerRules(settings));
      const kept = state?.of(stateKey(settings));
      if (kept) ledger.restore(kept);
      const poller = new Poller({
        interval: poll.interval,
        staleAfter: poll.staleAfter,
        source: createAnalyticsSource({
          ...api,
          projectId: id,
          apiKey,
          apiSecret,
          prepare: prepareFirstRequest,
          now: unixSeconds,
          observer: {
            ...metrics,
            requestFinished: (endpoint, seconds, failure) => {
              requests.running += 1;
              metrics.requestFinished(endpoint, seconds, failure);
            },
          },
        }),
        ledger,
        ...(state && { keep: (ledgerState) => state.keep(stateKey(settings), ledgerState) }),
        publication: await exposition.addProject(
          name,
          ledger.initialSnapshot(),
          (rooms) => state?.show(stateKey(settings), rooms) ?? Promise.resolve(),
        ),
        observer: {
          ...metrics,
          pollFinished: (finished) => {
            requests.lastPoll = requests.running;
            requests.running = 0;
            metrics.pollFinished(finished);
          },
        },
        log: log.child({ project: name }),
        now: unixSeconds,
        clock: () => performance.now() / 1000,
        random: Math.random,
      });
      const budget = { requestsPerMinute: api.requestsPerMinute };
      return {
        poller,
        status: () => projectStatus(name, poller.status, { ...budget, lastPollRequests: requests.lastPoll }),
      };
    }),
  );
  const pollers = wired.map(({ poller }) => poller);
  return {
    exposition,
    pollers,
    status: () => wired.map(({ status }) => status()),
    run: async (stop) => {
      await Promise.all(pollers.map((poller) => poller.run(stop)));
    },
  };
}

function ledgerRules({ poll, rooms }: PollingSettings): ConstructorParameters<typeof Ledger>[0] {
  return { window: poll.window, rooms, labelRoom: roomLabels(rooms) };
}

export function unixSeconds(): number {
  return Date.now() / 1000;
}
