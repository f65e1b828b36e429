// The variables of the boards: which data source, which exporters, which projects, which room.
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** The data source chosen on the board, for every query of it. */
export const chosenDatasource = { type: 'prometheus', uid: '${datasource}' };

export const datasource = () =>
  new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');

/** Everything at first; several can be chosen. */
function several(name: string, label: string, query: string, description: string): QueryVariableBuilder {
  return one(name, label, query, description)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** The first at first. */
function one(name: string, label: string, query: string, description: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(chosenDatasource)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}

export const job = () =>
  several(
    'job',
    'Job',
    'label_values(livekit_cloud_exporter_build_info, job)',
    'The scrape jobs of the exporters.',
  );

export const instance = () =>
  several(
    'instance',
    'Exporter',
    'label_values(livekit_cloud_exporter_build_info{job=~"$job"}, instance)',
    'Exporters that poll the same project are counted once.',
  );

const projectsPolled =
  'label_values({__name__=~"livekit_cloud_up|livekit_cloud_live_up", job=~"$job", instance=~"$instance"}, project)';

export const projects = () => several('project', 'Project', projectsPolled, 'LiveKit Cloud projects.');

export const groups = () =>
  several(
    'group',
    'Group',
    'label_values(livekit_cloud_group_active_participants{job=~"$job", instance=~"$instance", project=~"$project"}, group)',
    'Groups of rooms, as groups.rules makes them.',
  );

export const oneProject = () => one('project', 'Project', projectsPolled, 'A LiveKit Cloud project.');

export const oneRoom = () =>
  one(
    'room',
    'Room',
    'label_values({__name__=~"livekit_cloud_room_active_sessions|livekit_cloud_live_room_participants", job=~"$job", instance=~"$instance", project=`${project:raw}`, room!="__other__"}, room)',
    'A room that was published one by one in the range of the board.',
  );
