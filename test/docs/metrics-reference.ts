// Writes docs/metrics.md from the tables that the program publishes by.
import { liveFamilies, projectFamilies } from '../../src/core/families.ts';
import type { RoomTable } from '../../src/core/family.ts';
import { monthFamilies, planFamilies } from '../../src/core/plan-families.ts';
import { groupTable, liveRoomTable, roomTable } from '../../src/core/room-families.ts';
import { SelfMetrics } from '../../src/exposition/self-metrics.ts';

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

const ofPushes = 'livekit_cloud_exporter_otlp_';

/** Every metric of ours: about projects and rooms, then about the exporter, with those of pushes. */
export function describedMetrics(): {
  projects: Described[];
  plan: Described[];
  rooms: Described[];
  groups: Described[];
  live: Described[];
  exporter: Described[];
} {
  const self = new SelfMetrics({ version: '', revision: '', nodeVersion: '' }, () => 0);
  return {
    projects: projectFamilies.map(described),
    plan: [...planFamilies, ...monthFamilies].map(described),
    rooms: describedTable(roomTable),
    groups: describedTable(groupTable),
    live: [...liveFamilies.map(described), ...describedTable(liveRoomTable)],
    exporter: self
      .describe()
      .filter(({ name }) => name.startsWith('livekit_cloud_exporter_'))
      .map(({ name, help, type, labelNames }) => ({ name, help, type, labels: labelNames })),
  };
}

function describedTable<Room>({ label, families }: RoomTable<Room>): Described[] {
  return families.map(({ name, help, type, states }) => ({
    name,
    help,
    type,
    labels: ['project', label, ...(states ? ['state'] : [])],
  }));
}

function described({ name, help, type, label }: Omit<Described, 'labels'> & { label?: string }): Described {
  return { name, help, type, labels: ['project', ...(label ? [label] : [])] };
}

export function metricsReference(): string {
  const { projects, plan, rooms, groups, live, exporter } = describedMetrics();
  return `<!-- Generated from the code: npm run docs -->

# Metrics

This page lists every metric of the exporter, with its type, labels and meaning.

Values come from polls, never from the scrape, and samples carry no timestamps. A counter grows by the growth of each
session's running totals. The first complete poll after a start without state is the baseline and adds nothing.

After a failed poll \`livekit_cloud_up\` is 0 and all other values stay as they were. When no poll has been complete for
\`poll.stale_after\`, the gauges of the project are withdrawn, except \`livekit_cloud_up\`. Counters stay.

## Projects

${table(projects)}

## Plan and month

The limits and prices of the project's \`plan\`, and its use since the calendar month began. A project without a \`plan\` has
only the use. [Plan and cost](cost.md) explains them.

${table(plan)}

## Rooms

At most \`rooms.limit\` rooms of a project are published one by one. \`room="__other__"\` is the sum of the other rooms, of rooms
that \`rooms.include\` or \`rooms.exclude\` leave out, and of rooms without a name. The increases of all rooms and \`__other__\`
add up to the increase of the project.

A room is withdrawn \`rooms.linger\` after its last session was active. Until then its gauges are 0, and the two timestamps
are absent. Make \`rooms.linger\` several scrape intervals long, so that the values of a short room are scraped.

The counters of a new room start at 0 and stay there until every Prometheus server has scraped the 0, because \`increase()\`
and \`rate()\` ignore the first sample of a series. The exporter stops waiting for a server that has missed 2.5 of its scrape
intervals, or whose only scrape was 150 seconds ago.

${table(rooms)}

## Groups

With \`groups.rules\`, rooms are summed by group, for example by customer. At most \`groups.limit\` groups are published one by
one; \`group="__other__"\` is the sum of the others. Rooms that match no rule are in \`group="__none__"\`, which always exists.
\`rooms.include\`, \`rooms.exclude\` and \`rooms.limit\` do not affect groups: the increases of all groups add up to the increase
of the project.

${table(groups)}

## The live source

For projects with a URL, the exporter polls rooms and egresses from LiveKit's server API every \`live.interval\`. The
\`rooms.*\` settings apply to these rooms as well, \`rooms.limit\` included. The gauges of rooms, or of egresses, are withdrawn
when they have not been read for \`poll.stale_after\`. \`livekit_cloud_live_up\` is never withdrawn.

${table(live)}

## The exporter

${table(exporter.filter(({ name }) => !name.startsWith(ofPushes)))}

With an OTLP receiver ([how](otlp.md)) there are also these:

${table(exporter.filter(({ name }) => name.startsWith(ofPushes)))}

\`process_*\` and \`nodejs_*\` describe the process.
`;
}

function table(metrics: readonly Described[]): string {
  const rows = metrics.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return ['| name | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
