// What every board marks on its graphs: alerts while they fire, and starts of exporters.
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { alerts } from './alerts.ts';
import { colours } from './colours.ts';
import { scraped } from './exporters.ts';
import { chosenDatasource } from './variables.ts';

function annotation(name: string, expression: string, colour: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(chosenDatasource)
    .enable(true)
    .iconColor(colour)
    .expr(expression);
}

export const annotations = [
  annotation('Alerts', `max by (alertname, project, room, severity) (${alerts})`, colours.bad)
    .titleFormat('{{alertname}}')
    .textFormat('{{project}} {{room}}')
    .tagKeys('severity')
    .step('60s'),
  // The value is when it was.
  annotation('Starts of exporters', `1000 * ${scraped('process_start_time_seconds')}`, colours.exporter)
    .titleFormat('Exporter started')
    .textFormat('{{instance}}')
    .step('60s')
    .useValueForTime(true),
];
