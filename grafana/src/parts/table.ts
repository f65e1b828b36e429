// A table: a row for each set of labels, a column for each query.
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { toRoom } from './board.ts';
import type { Thresholds } from './colours.ts';
import { framed, type Frame } from './frame.ts';
import { asTable, letter, nowInterval } from './query.ts';
import { chosenDatasource } from './variables.ts';

/** A column of label values. */
export interface LabelColumn {
  readonly label: string;
  readonly title: string;
  readonly width?: number;
  /** Where a click on a cell leads. */
  readonly link?: { readonly title: string; readonly url: string };
}

/** Of a table with a row a room. */
export function roomColumns(projectWidth: number): LabelColumn[] {
  return [
    { label: 'room', title: 'Room', link: toRoom },
    { label: 'project', title: 'Project', width: projectWidth },
  ];
}

/** A column of numbers. */
export interface ValueColumn {
  readonly title: string;
  readonly expression: string;
  readonly unit: string;
  readonly decimals?: number;
  readonly width?: number;
  /** A bar as long as the number, in this colour. */
  readonly bar?: string;
  /** The colour of the number. */
  readonly colour?: Thresholds;
  readonly mappings?: readonly ValueMapping[];
}

export interface Table extends Frame {
  /** The labels of all queries; others are left out. */
  readonly labels: readonly LabelColumn[];
  readonly values: readonly ValueColumn[];
  /** The title of the column that is sorted by, largest first. */
  readonly sortedBy: string;
  /** Shown when there are no rows. */
  readonly nothing: string;
}

export function table({ labels, values, sortedBy, nothing, ...frame }: Table): PanelBuilder {
  const panel = framed(new PanelBuilder(), frame)
    .datasource(chosenDatasource)
    .targets(values.map(({ expression }, index) => asTable({ expression }, index)))
    .noValue(nothing)
    .unit('short')
    .interval(nowInterval)
    .cellHeight(TableCellHeight.Sm)
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortedBy).desc(true)])
    .transformations(oneRowEach(labels, values));
  for (const { title: name, width, link } of labels) {
    panel.overrideByName(name, [
      emptyCell,
      ...widthOf(width),
      ...(link ? [{ id: 'links', value: [{ ...link, targetBlank: false }] }] : []),
    ]);
  }
  for (const value of values) panel.overrideByName(value.title, valueProperties(value));
  return panel;
}

/** Without it, what is said of an empty table would be said of an empty cell too. */
const emptyCell = { id: 'noValue', value: '-' };

/** Joins the rows of all queries that have the same labels, then names and orders the columns. */
function oneRowEach(labels: readonly LabelColumn[], values: readonly ValueColumn[]) {
  const [only, another] = values;
  const fields = [
    ...labels.map(({ label, title }) => ({ name: label, title })),
    ...(only && !another
      ? [{ name: 'Value', title: only.title }]
      : values.map(({ title }, index) => ({ name: `Value #${letter(index)}`, title }))),
  ];
  return [
    { id: 'merge', options: {} },
    { id: 'filterFieldsByName', options: { include: { names: fields.map(({ name }) => name) } } },
    {
      id: 'organize',
      options: {
        indexByName: Object.fromEntries(fields.map(({ name }, index) => [name, index])),
        renameByName: Object.fromEntries(fields.map(({ name, title }) => [name, title])),
      },
    },
  ];
}

function valueProperties({
  unit,
  decimals,
  width,
  bar,
  colour,
  mappings,
}: ValueColumn): DynamicConfigValue[] {
  return [
    emptyCell,
    { id: 'unit', value: unit },
    ...widthOf(width),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(mappings ? [{ id: 'mappings', value: mappings }] : []),
    ...(bar
      ? [
          { id: 'min', value: 0 },
          { id: 'fieldMinMax', value: true },
          { id: 'color', value: { mode: 'fixed', fixedColor: bar } },
          {
            id: 'custom.cellOptions',
            value: {
              type: TableCellDisplayMode.Gauge,
              mode: BarGaugeDisplayMode.Basic,
              valueDisplayMode: BarGaugeValueMode.Text,
            },
          },
        ]
      : []),
    ...(colour
      ? [
          { id: 'thresholds', value: colour.build() },
          { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
        ]
      : []),
  ];
}

function widthOf(width: number | undefined): DynamicConfigValue[] {
  return width === undefined ? [] : [{ id: 'custom.width', value: width }];
}
