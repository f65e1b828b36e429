// What a metric family is: its name, help and type, and the function that reads its value from a snapshot.
import type { Histogram } from './histogram.ts';
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
  /** When its counting began, Unix seconds; where it is not given, with the project's. */
  readonly since?: (snapshot: ProjectSnapshot) => number | undefined;
}

/** One sample a project, label `project`; no sample where the value is undefined. */
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
  readonly values: (snapshot: ProjectSnapshot) => readonly (readonly [value: string, sample: number])[];
}

/** One histogram a project, label `project`; none where it is undefined. */
export interface HistogramFamily extends OfProject {
  readonly type: 'histogram';
  readonly histogram: (snapshot: ProjectSnapshot) => Histogram | undefined;
}

export type AnyProjectFamily = ProjectFamily | LabelledFamily | HistogramFamily;

/** One sample a room, labels `project` and `room`; no sample where the value is undefined. */
export interface RoomFamily extends Family {
  readonly type: 'gauge' | 'counter';
  readonly value: (room: RoomSnapshot) => number | undefined;
}

/** A state set a room, labels `project`, `room` and `state`: of the states exactly one is 1. */
export interface RoomStateFamily extends Family {
  readonly type: 'gauge';
  readonly states: readonly string[];
  /** The index of the state that is 1. */
  readonly state: (room: RoomSnapshot) => number;
}
