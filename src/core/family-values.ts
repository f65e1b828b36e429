// From the table of families and the snapshots to values: what readers are given that do not want text.
import type { AnyProjectFamily, ProjectView, RoomFamily, RoomStateFamily } from './family.ts';
import type { SampleValue } from './metric-values.ts';
import type { RoomSnapshot } from './snapshot.ts';

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

/** The samples of one project's rooms in one of the room families. */
export function* roomValues(
  family: RoomFamily | RoomStateFamily,
  project: string,
  rooms: readonly RoomSnapshot[],
): Generator<SampleValue> {
  for (const room of rooms) {
    const labels = { project, room: room.name };
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
