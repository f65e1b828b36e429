// What a metric family is: its name, help and type, and the function that reads its value; and its samples as values, for
// readers that do not want text.
import type { Histogram, Labelled } from './counts.ts';
import type { RoomSnapshot } from './snapshot.ts';

export interface SampleValue {
  readonly labels: Readonly<Record<string, string>>;
  /** A Histogram in families of that type, else a number. */
  readonly value: number | Histogram;
  /** When the counting began, Unix seconds; undefined for a gauge. */
  readonly since: number | undefined;
}

/** A family with its samples. Names, labels and values are those of the exposition. */
export interface FamilyValues {
  /** As in the text format: a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Generated on iteration, which can be interrupted. */
  readonly samples: Iterable<SampleValue>;
}

interface Row<View, Value> extends Omit<FamilyValues, 'samples'> {
  /** There is no sample where it is undefined. */
  readonly value: (view: View) => Value | undefined;
}

/** One sample per project, label `project`, or with `label` one for each of its values. */
export interface Family<View> extends Row<View, number | Histogram | Labelled> {
  readonly label?: string;
  /** Set on a gauge that stays published when the others are withdrawn. */
  readonly always?: true;
  readonly since?: (view: View) => number | undefined;
}

/** One sample per room, or with `states` one for each: 1 for the state whose index is the value, else 0. */
export interface RoomFamily<Room = RoomSnapshot> extends Row<Room, number> {
  readonly states?: readonly string[];
}

/** The families of rooms, or of groups of rooms, which are labelled `project` and `label`. */
export interface RoomTable<Room = RoomSnapshot> {
  readonly label: 'room' | 'group';
  readonly families: readonly RoomFamily<Room>[];
}

type Options = Pick<Family<never>, 'label' | 'always'> & Pick<RoomFamily, 'states'>;

const row =
  (type: FamilyValues['type']) =>
  <View, Value>(name: string, help: string, value: (view: View) => Value, options: Options = {}) => ({
    name,
    help,
    type,
    value,
    ...options,
  });
export const gauge = row('gauge');
export const counter = row('counter');
export const histogram = row('histogram');

export function viewValues<View extends { readonly project: string }>(
  family: Family<View>,
  view: View,
): SampleValue[] {
  const { type, label } = family;
  const { project } = view;
  const read = family.value(view);
  if (read === undefined) return [];
  const since = type === 'gauge' ? undefined : family.since?.(view);
  if (typeof read === 'number' || 'bounds' in read) return [{ labels: { project }, value: read, since }];
  return read.map(([text, value]) => ({
    labels: { project, ...(label && { [label]: text }) },
    value,
    since,
  }));
}

export function* roomValues<Room extends { readonly name: string; readonly since?: number }>(
  { type, states, value: valueOf }: RoomFamily<Room>,
  project: string,
  rooms: readonly Room[],
  label: RoomTable['label'] = 'room',
): Generator<SampleValue> {
  for (const room of rooms) {
    const labels = { project, [label]: room.name };
    const value = valueOf(room);
    if (value === undefined) continue;
    if (!states) yield { labels, value, since: type === 'counter' ? room.since : undefined };
    for (const [index, state] of states?.entries() ?? [])
      yield { labels: { ...labels, state }, value: index === value ? 1 : 0, since: undefined };
  }
}
