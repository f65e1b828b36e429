// What all boards have in common: how they are found, linked and refreshed.
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Dashboard,
  type Panel,
  type RowPanel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { annotations } from './annotations.ts';
import { datasource, instance, job } from './variables.ts';

const tag = 'livekit-cloud';

/** The boards' stable identifiers: links, bookmarks and provisioning rely on them. */
export const uids = {
  overview: 'livekit-cloud-overview',
  room: 'livekit-cloud-room',
  usage: 'livekit-cloud-usage',
  customers: 'livekit-cloud-customers',
  exporter: 'livekit-cloud-exporter',
} as const;

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** As Grafana writes it, up to now: `now-6h`. */
  readonly from: string;
  /** How often it is drawn anew. */
  readonly refresh: string;
  readonly timezone: 'browser' | 'utc';
  /** Besides data source, job and instance. */
  readonly variables: readonly Builder<VariableModel>[];
  /** From top to bottom. */
  readonly panels: readonly Builder<Panel | RowPanel>[];
}

export function board({
  uid,
  title,
  description,
  from,
  refresh,
  timezone,
  variables,
  panels,
}: Board): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([tag])
    .readonly()
    .time({ from, to: 'now' })
    .refresh(refresh)
    .timezone(timezone)
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('LiveKit Cloud')
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .includeVars(true)
        .keepTime(true),
    )
    .variables([datasource(), job(), instance(), ...variables])
    .annotations(annotations)
    .build();
  dashboard.panels = panels.map((panel, index) => ({ ...panel.build(), id: index + 1 }));
  return dashboard;
}

/** The address of another board for the same data source, exporters and range; `values` name its variables. */
export function linkTo(uid: string, values: Readonly<Record<string, string>>): string {
  const kept = [
    '${datasource:queryparam}',
    '${job:queryparam}',
    '${instance:queryparam}',
    '${__url_time_range}',
  ];
  const own = Object.entries(values).map(([name, value]) => `var-${name}=${value}`);
  return `/d/${uid}?${[...own, ...kept].join('&')}`;
}

/** From the row of a table with the columns Project and Room to the board of that room. */
export const toRoom = {
  title: 'Open the room',
  url: linkTo(uids.room, {
    project: '${__data.fields.Project:percentencode}',
    room: '${__data.fields.Room:percentencode}',
  }),
};
