// Writes docs/metrics.md from the tables that the program publishes by.
import { projectFamilies, roomTable } from '../../src/core/families.ts';
import { groupTable } from '../../src/core/group-families.ts';
import type { RoomTable } from '../../src/core/family.ts';
import { liveFamilies, liveRoomFamilies } from '../../src/core/live-families.ts';
import { monthFamilies, planFamilies } from '../../src/core/plan-families.ts';
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
    projects: projectFamilies.map((family) => {
      const { name, help, type } = family;
      return { name, help, type, labels: ['project', ...('label' in family ? [family.label] : [])] };
    }),
    plan: [...planFamilies, ...monthFamilies].map(described),
    rooms: describedTable(roomTable),
    groups: describedTable(groupTable),
    live: [
      ...liveFamilies.map(described),
      ...liveRoomFamilies.map(({ name, help, type }) => ({ name, help, type, labels: ['project', 'room'] })),
    ],
    exporter: self
      .describe()
      .filter(({ name }) => name.startsWith('livekit_cloud_exporter_'))
      .map(({ name, help, type, labelNames }) => ({ name, help, type, labels: labelNames })),
  };
}

function describedTable({ label, families }: RoomTable): Described[] {
  return families.map((family) => {
    const { name, help, type } = family;
    return { name, help, type, labels: ['project', label, ...('states' in family ? ['state'] : [])] };
  });
}

function described({ name, help, type, label }: Omit<Described, 'labels'> & { label?: string }): Described {
  return { name, help, type, labels: ['project', ...(label ? [label] : [])] };
}

export function metricsReference(): string {
  const { projects, plan, rooms, groups, live, exporter } = describedMetrics();
  return `<!-- Generated from the code: npm run docs -->

# Metrics

Values come from polls of the Analytics API, never from the scrape. Samples carry no timestamps. Counters grow by what
the running totals of each session have grown; the first complete poll after a start is their baseline and adds nothing.

When a poll fails, all values stay and \`livekit_cloud_up\` is 0. When none was complete for \`poll.stale_after\`, the gauges
of the project are withdrawn, except \`livekit_cloud_up\`; counters stay.

## Projects

${table(projects)}

## Plan and month

The numbers of a project's \`plan\`, where it has one, as LiveKit publishes them or as they were configured; and what was used
since the calendar month began. See docs/cost.md.

${table(plan)}

## Rooms

At most \`rooms.limit\` rooms a project are published one by one. The others, rooms that \`rooms.include\` and
\`rooms.exclude\` leave out, and rooms without a name are summed in \`room="__other__"\`. A room's counters count from when it
is first published; what all rooms and \`__other__\` grow by adds up to what the project grows by. A room goes
\`rooms.linger\` after its last session was active; until then its gauges are 0, without the two timestamps.

The counters of a new room are published as 0 until every server that scrapes has received that, and then with their
values: \`increase()\` and \`rate()\` do not count the first sample of a series. A server that has not come for 2.5 of its
intervals is not waited for, one that came only once not for more than 150 seconds. \`rooms.linger\` should be several
scrape intervals long, so that a short room stays until its values were scraped.

${table(rooms)}

## Groups

With \`groups.rules\`: sums over rooms, for example of each customer. A group is published as a room is, with a limit of its
own: \`groups.limit\` at most, the others in \`group="__other__"\`; rooms that match no rule are in \`group="__none__"\`, which
is always there. \`rooms.include\`, \`rooms.exclude\` and \`rooms.limit\` have no part in it: what all groups grow by adds up
to what the project grows by.

${table(groups)}

## The live source

For projects with a URL: what LiveKit's server API says is true now, polled every \`live.interval\`. Rooms are published
under the same \`rooms.*\` settings and the same limit. Gauges of rooms, or of egresses, that were not read for
\`poll.stale_after\` are withdrawn; \`livekit_cloud_live_up\` never is.

${table(live)}

## The exporter

${table(exporter.filter(({ name }) => !name.startsWith(ofPushes)))}

Where metrics are pushed by OTLP there are also these:

${table(exporter.filter(({ name }) => name.startsWith(ofPushes)))}

Besides these, \`process_*\` and \`nodejs_*\` describe the process.
`;
}

function table(metrics: readonly Described[]): string {
  const rows = metrics.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return ['| name | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
