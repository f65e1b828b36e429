// What applies to one project, from the sources that have a say in it.
import type { Report } from './given.ts';
import { choose } from './readings.ts';
import type { Chosen, Readings } from './readings.ts';
import { setting } from './settings-table.ts';
import type { Key, Value } from './settings-table.ts';
import type { PollingSettings } from './settings.ts';

/** Takes each setting from the first source that has it. Reports settings that contradict each other. */
export function pollingSettings(sources: readonly Readings[], report: Report): PollingSettings {
  const value = <K extends Key>(key: K): Value<K> => choose(key, sources).value;
  reportEarlyWithdrawal(choose('poll.interval', sources), choose('poll.stale_after', sources), report);
  return {
    poll: {
      interval: value('poll.interval'),
      window: value('poll.window'),
      staleAfter: value('poll.stale_after'),
    },
    api: {
      url: value('api.url'),
      pageSize: value('api.page_size'),
      concurrency: value('api.concurrency'),
      requestsPerMinute: value('api.requests_per_minute'),
      requestTimeout: value('api.request_timeout'),
    },
    rooms: {
      include: value('rooms.include'),
      exclude: value('rooms.exclude'),
      rewrite: value('rooms.rewrite'),
      limit: value('rooms.limit'),
      linger: value('rooms.linger'),
    },
    details: { enabled: value('details.enabled') },
  };
}

function reportEarlyWithdrawal(
  interval: Chosen<'poll.interval'>,
  staleAfter: Chosen<'poll.stale_after'>,
  report: Report,
): void {
  // A value that could not be read is undefined and compares as false.
  if (!(staleAfter.value < interval.value)) return;
  const every = asWritten('poll.interval', interval);
  const place = (staleAfter.given ?? interval.given)?.label ?? '';
  report(
    `${place}: poll.stale_after (${asWritten('poll.stale_after', staleAfter)}) is shorter than ` +
      `poll.interval (${every}), gauges would be withdrawn between two polls; ` +
      `set poll.stale_after to ${every} or more`,
  );
}

function asWritten<K extends Key>(key: K, { given }: Chosen<K>): string {
  return String(given ? given.value : setting(key).default);
}
