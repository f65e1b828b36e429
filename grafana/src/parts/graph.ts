// How something moved: lines, areas that add up, or bars.
import {
  AxisPlacement,
  BarAlignment,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  type DynamicConfigValue,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { colours, type Thresholds } from './colours.ts';
import { framed, type Frame } from './frame.ts';
import { forEachPoint, letter, type Query } from './query.ts';
import { perProject, top } from './selectors.ts';
import { chosenDatasource } from './variables.ts';

export interface Line extends Query {
  /**
   * That of what is shown. Without it series have the palette's colours in the order of their labels, so that a
   * project has the same colour in every graph.
   */
  readonly colour?: string;
  /** Bars instead of a line, in shades of the colour: for what happens now and then. */
  readonly bars?: true;
  /** Only there to compare with: dashed, grey and not added up. */
  readonly compared?: true;
}

/** A graph by project has at most so many lines. */
const mostProjects = 20;

/** `expression` has one series for each project. */
export function byProject(expression: string): Line {
  return { expression: top(mostProjects, expression), legend: '{{project}}' };
}

/** Of the exporters and projects chosen on the board. */
export function linePerProject(expression: string): Line {
  return byProject(perProject(expression));
}

/** Of what goes wrong now and then. */
export function byReason(expression: string): Line {
  return { expression: `${expression} > 0`, legend: '{{reason}}', colour: colours.bad, bars: true };
}

export interface Graph extends Frame {
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly stacked?: true;
  /** Steps instead of slopes: for states. */
  readonly steps?: true;
  readonly max?: number;
  readonly decimals?: number;
  /** Drawn as lines across the graph. */
  readonly limits?: Thresholds;
  /** Shown when there are no series. */
  readonly nothing: string;
}

/** Rates over less time than this only show when the exporter polls: by default every 30 s. */
const shortestStep = '2m';

/** Milliseconds: a line goes on over a failed poll, not over an outage. */
const longestBridge = 5 * 60_000;

export function graph(options: Graph): PanelBuilder {
  const { lines, stacked, steps, limits, max, decimals, unit } = options;
  const panel = drawing(options)
    .interval(shortestStep)
    .lineWidth(1)
    .lineInterpolation(steps ? LineInterpolation.StepAfter : LineInterpolation.Linear)
    .fillOpacity(stacked ? 25 : 8)
    .showPoints(VisibilityMode.Never)
    .spanNulls(longestBridge);
  if (stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (limits) {
    panel
      .thresholds(limits)
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  if (max !== undefined) panel.max(max);
  // A line at 0 would have an axis up to 100, or to 10,000 %.
  else if (unit === 'short' || unit === 'percentunit') panel.axisSoftMax(1);
  if (decimals !== undefined) panel.decimals(decimals);
  for (const [index, line] of lines.entries()) {
    const properties = lineProperties(line);
    if (properties.length > 0) panel.overrideByQuery(letter(index), properties);
  }
  return panel;
}

/** A bar a day, stacked by project, of the last 31 days: whatever shorter range the board shows. */
export function dayBars(options: Graph): PanelBuilder {
  return drawing(options)
    .interval('1d')
    .timeFrom('31d')
    .drawStyle(GraphDrawStyle.Bars)
    .barAlignment(BarAlignment.After)
    .barWidthFactor(0.85)
    .lineWidth(0)
    .fillOpacity(80)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

function drawing({ unit, lines, nothing, ...frame }: Graph): PanelBuilder {
  return framed(new PanelBuilder(), frame)
    .datasource(chosenDatasource)
    .targets(lines.map(forEachPoint))
    .unit(unit)
    .min(0)
    .noValue(nothing)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .axisPlacement(AxisPlacement.Auto)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max'])
        .sortBy('Last *')
        .sortDesc(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
}

function lineProperties({ colour, bars, compared }: Line): DynamicConfigValue[] {
  const fixed = compared ? colours.compared : colour;
  return [
    ...(fixed === undefined
      ? []
      : [{ id: 'color', value: { mode: bars ? 'shades' : 'fixed', fixedColor: fixed } }]),
    ...(bars
      ? [
          { id: 'custom.drawStyle', value: 'bars' },
          { id: 'custom.fillOpacity', value: 80 },
        ]
      : []),
    ...(compared
      ? [
          { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
          { id: 'custom.fillOpacity', value: 0 },
          { id: 'custom.stacking', value: { mode: 'none', group: 'A' } },
        ]
      : []),
  ];
}
