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
import type { Place } from './board.ts';
import type { Thresholds } from './colours.ts';
import { instant, nowInterval, type Query } from './query.ts';
import { chosenDatasource } from './variables.ts';

export interface Stat {
  readonly title: string;
  /** What it says, and what to do when it is not as it should be. */
  readonly description: string;
  readonly at: Place;
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
  const { title, description, at, unit, decimals, queries, colour, mappings, nothing } = options;
  const [x, y, w, h] = at;
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .gridPos({ x, y, w, h })
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
