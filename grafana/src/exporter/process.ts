// What the exporters hold and need: rooms, sessions, series, memory, time; and which builds run.
import { badAbove, badBelow, colours } from '../parts/colours.ts';
import { byReason, graph, linePerProject } from '../parts/graph.ts';
import { ofProjects, perProject, rateOf } from '../parts/selectors.ts';
import { usableOrNot } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { linePerExporter, scraped, unscraped, withBuild } from '../parts/exporters.ts';

export const processes = [
  graph({
    title: 'Rejected rows by reason',
    description:
      'Rows of the session list a second that could not be used, by reason. Any: look for a newer exporter, else report it with the log line.',
    at: [0, 46, 6, 8],
    unit: 'short',
    stacked: true,
    lines: [
      byReason(`sum by (reason) (${rateOf(ofProjects('livekit_cloud_exporter_rows_rejected_total'))})`),
    ],
    nothing: 'No row was rejected',
  }),
  graph({
    title: 'Rooms held',
    description:
      'Rooms published one by one, and rooms that are only summed in __other__. Any of these that you want to see: raise rooms.limit, or merge names with rooms.rewrite.',
    at: [6, 46, 6, 8],
    unit: 'short',
    decimals: 0,
    lines: [
      {
        expression: `sum(${perProject(ofProjects('livekit_cloud_exporter_published_rooms'))})`,
        legend: 'published',
        colour: colours.rooms,
      },
      {
        expression: `sum(${perProject(ofProjects('livekit_cloud_exporter_folded_rooms'))})`,
        legend: 'only summed',
        colour: colours.egresses,
      },
    ],
    nothing: unscraped,
  }),
  graph({
    title: 'Sessions remembered',
    description:
      'Sessions whose totals the exporter holds, by project: those of poll.window. Memory and the first poll after a start grow with them.',
    at: [12, 46, 6, 8],
    unit: 'short',
    decimals: 0,
    stacked: true,
    lines: [linePerProject(ofProjects('livekit_cloud_exporter_tracked_sessions'))],
    nothing: unscraped,
  }),
  graph({
    title: 'Series',
    description:
      'Samples in a scrape, by exporter: what it costs Prometheus. Too many: lower rooms.limit, or group room names.',
    at: [18, 46, 6, 8],
    unit: 'short',
    lines: [linePerExporter(scraped('scrape_samples_scraped'))],
    nothing: unscraped,
  }),
  graph({
    title: 'Memory',
    description:
      'Resident memory of the process, by exporter. It follows the sessions of the window; one that only ever rises is a defect, report it.',
    at: [0, 54, 12, 9],
    unit: 'bytes',
    lines: [linePerExporter(scraped('process_resident_memory_bytes'))],
    nothing: unscraped,
  }),
  graph({
    title: 'Delay of the event loop',
    description:
      'How much later than planned the process gets to its work, 99 of 100 times within this. Above the lines scrapes wait: give it more processor.',
    at: [12, 54, 12, 9],
    unit: 's',
    limits: badAbove(0.1, 0.5),
    lines: [linePerExporter(scraped('nodejs_eventloop_lag_p99_seconds'))],
    nothing: unscraped,
  }),
  table({
    title: 'Builds',
    description:
      'The build, age, configuration and needs of each exporter, and how many projects a replica polls that shares them (state.redis_url). Different versions: a deployment is under way, or stuck. A configuration with a mistake: it goes on with the one that it read before, the log says what to correct.',
    at: [0, 63, 24, 6],
    labels: [
      { label: 'instance', title: 'Exporter' },
      { label: 'job', title: 'Job' },
      { label: 'version', title: 'Version', width: 90 },
      { label: 'revision', title: 'Revision', width: 260 },
      { label: 'nodeversion', title: 'Node.js', width: 100 },
    ],
    values: [
      {
        title: 'Up for',
        expression: `time() - ${withBuild('process_start_time_seconds')}`,
        unit: 's',
        width: 110,
      },
      {
        title: 'Configuration',
        expression: withBuild('livekit_cloud_exporter_config_last_reload_successful'),
        unit: 'short',
        width: 120,
        colour: badBelow(1, 1),
        mappings: usableOrNot,
      },
      {
        title: 'In use for',
        expression: `time() - ${withBuild('livekit_cloud_exporter_config_last_reload_success_timestamp_seconds')}`,
        unit: 's',
        width: 110,
      },
      {
        title: 'Projects',
        expression: withBuild('livekit_cloud_exporter_projects_owned'),
        unit: 'locale',
        decimals: 0,
        width: 90,
      },
      { title: 'Memory', expression: withBuild('process_resident_memory_bytes'), unit: 'bytes', width: 100 },
      {
        title: 'Series',
        expression: withBuild('scrape_samples_scraped'),
        unit: 'locale',
        decimals: 0,
        width: 100,
      },
      {
        title: 'Scrape',
        expression: withBuild('scrape_duration_seconds'),
        unit: 's',
        width: 100,
        colour: badAbove(1, 5),
      },
    ],
    sortedBy: 'Up for',
    nothing: unscraped,
  }),
];
