// What a metric family is: its name, help and type, and the function that reads its value from a snapshot; and its
// samples as values, for readers that do not want text.
import type { Histogram } from './counts.ts';
import type { ProjectSnapshot, RoomSnapshot } from './snapshot.ts';

/** A project as it is published: its last snapshot, and whether the last poll was complete. */
export interface ProjectView {
  readonly name: string;
  readonly up: boolean;
  readonly snapshot: ProjectSnapshot;
}

interface Family {
  readonly name: string;
  readonly help: string;
}

interface OfProject extends Family {
  /** When its counting began, Unix seconds; by default with the project's. */
  readonly since?: (snapshot: ProjectSnapshot) => number | undefined;
}

/** One sample per project, label `project`; none where the value is undefined. */
export interface ProjectFamily extends OfProject {
  readonly type: 'gauge' | 'counter';
  /** Set on a gauge that stays published when the others are withdrawn. */
  readonly always?: true;
  readonly value: (view: ProjectView) => number | undefined;
}

/** One sample for each value of a label, labels `project` and that one. */
export interface LabelledFamily extends OfProject {
  readonly type: 'gauge' | 'counter';
  readonly label: string;
  readonly values: (snapshot: ProjectSnapshot) => Labelled;
}

/** One histogram per project, label `project`; none where it is undefined. */
export interface HistogramFamily extends OfProject {
  readonly type: 'histogram';
  readonly histogram: (snapshot: ProjectSnapshot) => Histogram | undefined;
}

export type AnyProjectFamily = ProjectFamily | LabelledFamily | HistogramFamily;

/** The families of rooms, or of groups of rooms, which are labelled `project` and `label`. */
export interface RoomTable<Room = RoomSnapshot> {
  readonly label: 'room' | 'group';
  readonly families: readonly AnyRoomFamily<Room>[];
}

export type AnyRoomFamily<Room = RoomSnapshot> = RoomFamily<Room> | RoomStateFamily<Room>;

/** One sample per room; none where the value is undefined. */
export interface RoomFamily<Room = RoomSnapshot> extends Family {
  readonly type: 'gauge' | 'counter';
  readonly value: (room: Room) => number | undefined;
}

/** A state set per room, with the label `state`: exactly one of the states is 1. */
export interface RoomStateFamily<Room = RoomSnapshot> extends Family {
  readonly type: 'gauge';
  readonly states: readonly string[];
  /** The index of the state that is 1. */
  readonly state: (room: Room) => number;
}

/** One series of a family. */
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

/** Samples by the value of a label. */
export type Labelled = readonly (readonly [value: string, sample: number])[];

/** One sample per project, label `project`, or with `label` one for each of its values; none where the value is undefined. */
export interface ViewFamily<View> extends Omit<FamilyValues, 'samples'> {
  readonly label?: string;
  readonly value: (view: View) => number | Labelled | undefined;
}

/** The samples of one project in such a family. `since`: of a counter, when its counting began, Unix seconds. */
export function viewValues<View extends { readonly project: string }>(
  { label, value }: ViewFamily<View>,
  view: View,
  since?: number,
): SampleValue[] {
  const { project } = view;
  const read = value(view);
  if (read === undefined) return [];
  if (typeof read === 'number') return [{ labels: { project }, value: read, since }];
  return read.map(([text, sample]) => ({
    labels: { project, ...(label && { [label]: text }) },
    value: sample,
    since,
  }));
}

/** The samples of one project in one of the project families. */
export function projectValues(family: AnyProjectFamily, view: ProjectView): SampleValue[] {
  const { name: project, snapshot } = view;
  const since = family.type === 'gauge' ? undefined : (family.since?.(snapshot) ?? snapshot.since);
  if ('values' in family) {
    return family
      .values(snapshot)
      .map(([text, value]) => ({ labels: { project, [family.label]: text }, value, since }));
  }
  const value = family.type === 'histogram' ? family.histogram(snapshot) : family.value(view);
  return value === undefined ? [] : [{ labels: { project }, value, since }];
}

/** The samples of one project's rooms in one of the families of a table. */
export function* roomValues<Room extends { readonly name: string; readonly since?: number }>(
  family: AnyRoomFamily<Room>,
  project: string,
  rooms: readonly Room[],
  label: RoomTable['label'] = 'room',
): Generator<SampleValue> {
  for (const room of rooms) {
    const labels = { project, [label]: room.name };
    if ('states' in family) {
      const current = family.state(room);
      for (const [index, state] of family.states.entries())
        yield { labels: { ...labels, state }, value: index === current ? 1 : 0, since: undefined };
      continue;
    }
    const value = family.value(room);
    if (value !== undefined)
      yield { labels, value, since: family.type === 'counter' ? room.since : undefined };
  }
}
