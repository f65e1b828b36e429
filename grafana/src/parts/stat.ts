// A number of now, large enough to be read from afar.
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { always, type Thresholds } from './colours.ts';
import { framed, type Frame } from './frame.ts';
import { instant, nowInterval, type Query } from './query.ts';
import { chosenDatasource } from './variables.ts';

export interface Stat extends Frame {
  readonly unit: string;
  readonly decimals?: number;
  /** Several are shown one below the other, with their legends. */
  readonly queries: readonly Query[];
  readonly colour: Thresholds;
  readonly mappings?: readonly ValueMapping[];
  /** Shown instead of a number when there is none. */
  readonly nothing: string;
}

export function stat(options: Stat): PanelBuilder {
  const { unit, decimals, queries, colour, mappings, nothing, ...frame } = options;
  const panel = framed(new PanelBuilder(), frame)
    .datasource(chosenDatasource)
    .targets(queries.map(instant))
    .interval(nowInterval)
    .unit(unit)
    .thresholds(colour)
    .mappings([...(mappings ?? [])])
    .noValue(nothing)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .justifyMode(BigValueJustifyMode.Auto)
    .orientation(VizOrientation.Horizontal)
    .textMode(queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .text(new VizTextDisplayOptionsBuilder().titleSize(14).valueSize(queries.length > 1 ? 26 : 36))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
  return decimals === undefined ? panel : panel.decimals(decimals);
}

export interface Reading extends Omit<Stat, 'unit' | 'queries' | 'colour'> {
  readonly unit?: string;
  readonly expression: string;
  readonly colour: string;
}

/** One number in the colour of what it is about. */
export function reading({ expression, colour, ...rest }: Reading): PanelBuilder {
  return stat({ unit: 'short', ...rest, queries: [{ expression }], colour: always(colour) });
}
