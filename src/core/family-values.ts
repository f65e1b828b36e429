// From the table of families and the snapshots to values: what readers are given that do not want text.
import type { HistogramFamily, ProjectFamily, ProjectView, RoomFamily, RoomStateFamily } from './families.ts';
import type { SampleValue } from './metric-values.ts';
import type { RoomSnapshot } from './snapshot.ts';

/** The sample of one project in one of the project families. */
export function projectValue(family: ProjectFamily | HistogramFamily, view: ProjectView): SampleValue {
  const labels = { project: view.name };
  const { since } = view.snapshot;
  if (family.type === 'histogram') return { labels, value: family.histogram(view.snapshot), since };
  return { labels, value: family.value(view), since: family.type === 'counter' ? since : undefined };
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
