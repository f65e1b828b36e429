// A query of a panel, and how it is asked: once for now, or for each point of a graph.
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { chosenDatasource } from './variables.ts';

export interface Query {
  readonly expression: string;
  /** What its series are called; in Grafana's templates, `{{label}}`. */
  readonly legend?: string;
}

/** Rates of now are those of this time at least: a poll that is slow or fails must not look like nobody there. */
export const nowInterval = '5m';

/** The letter by which overrides and transformations name the query at an index. */
export function letter(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

/** Only the last value: what is shown as "now" must not be as old as the step of a graph over 30 days. */
export function instant({ expression, legend }: Query, index: number): DataqueryBuilder {
  return target(expression, index)
    .instant()
    .legendFormat(legend ?? '');
}

export function forEachPoint({ expression, legend }: Query, index: number): DataqueryBuilder {
  return target(expression, index)
    .range()
    .legendFormat(legend ?? '');
}

export function asTable({ expression }: Query, index: number): DataqueryBuilder {
  return target(expression, index).instant().format(PromQueryFormat.Table);
}

function target(expression: string, index: number): DataqueryBuilder {
  return new DataqueryBuilder().datasource(chosenDatasource).refId(letter(index)).expr(expression);
}
