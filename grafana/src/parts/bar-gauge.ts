// A number of now in relation to what it can be at most, a bar for each series.
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeValueMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Thresholds } from './colours.ts';
import { framed, type Frame } from './frame.ts';
import { instant, nowInterval, type Query } from './query.ts';
import { chosenDatasource } from './variables.ts';

export interface BarGauge extends Frame {
  /** Shares, 0 to 1. */
  readonly queries: readonly Query[];
  readonly colour: Thresholds;
  /** Shown when there is none. */
  readonly nothing: string;
}

export function barGauge({ queries, colour, nothing, ...frame }: BarGauge): PanelBuilder {
  return framed(new PanelBuilder(), frame)
    .datasource(chosenDatasource)
    .targets(queries.map(instant))
    .interval(nowInterval)
    .unit('percentunit')
    .decimals(0)
    .min(0)
    .max(1)
    .thresholds(colour)
    .noValue(nothing)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Color)
    .namePlacement(BarGaugeNamePlacement.Left)
    .showUnfilled(true)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
}
