// What is published of several projects, put together: a family's samples of all projects follow its header.
import { liveFamilies, projectFamilies } from '../core/families.ts';
import { type Family, roomValues, viewValues, type FamilyValues, type RoomTable } from '../core/family.ts';
import { monthUse } from '../core/plan.ts';
import { monthFamilies, planFamilies } from '../core/plan-families.ts';
import { groupTable, liveRoomTable, roomTable } from '../core/room-families.ts';
import type { PublishedProject, Shown } from './published-project.ts';
import { createShortSection, type Section } from './section.ts';
import type { Source } from './self-families.ts';
import { familyHeader, familyText, type Format } from './text-format.ts';

export function publishedSections(projects: readonly PublishedProject[], format: Format): readonly Section[] {
  const text = projectFamilyValues(projects).map((family) => familyText(family, format));
  const tables = tableFamilies(projects).flatMap((family) =>
    family.sections.length === 0
      ? []
      : [createShortSection(familyHeader(family, format)), ...family.sections],
  );
  return [createShortSection(text.join('')), ...tables];
}

export function publishedValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return [...projectFamilyValues(projects), ...tableFamilies(projects)];
}

/** All families but those of rooms and groups. */
function projectFamilyValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return [
    ...valuesOf(projectFamilies, projects, ({ list }) => list, 'list'),
    ...valuesOf(planFamilies, projects, ({ plan }) => ({ plan })),
    ...valuesOf(monthFamilies, projects, monthView),
    ...valuesOf(liveFamilies, projects, ({ live }) => live, 'live'),
  ];
}

/** Without a source they are shown of every project. */
function valuesOf<View extends object>(
  families: readonly Family<View & { readonly project: string }>[],
  projects: readonly PublishedProject[],
  viewOf: (project: PublishedProject) => View,
  source?: Source,
): FamilyValues[] {
  const views = projects.map((project) => ({ project, view: { project: project.name, ...viewOf(project) } }));
  return families.map((family) => ({
    ...family,
    samples: views
      .filter(({ project }) => !source || project.shows(source, family))
      .flatMap(({ view }) => viewValues(family, view)),
  }));
}

function monthView(project: PublishedProject) {
  const { plan, list, live, sources } = project;
  const gauge = { type: 'gauge' };
  return monthUse({
    plan,
    list: project.shows('list', gauge) ? list.snapshot.month : undefined,
    live: project.shows('live', gauge) ? live.snapshot.egresses?.month : undefined,
    hasList: sources.includes('list'),
  });
}

/** A family of rooms or groups, as text as well. */
interface TableFamily extends FamilyValues {
  readonly sections: readonly Section[];
}

function tableFamilies(projects: readonly PublishedProject[]): TableFamily[] {
  return [
    ...familiesOf(roomTable, projects, 'list', ({ edition }) => edition.rooms),
    ...familiesOf(groupTable, projects, 'list', ({ edition }) => edition.groups),
    ...familiesOf(liveRoomTable, projects, 'live', ({ live }) => live.shown),
  ];
}

function familiesOf<Room extends { readonly name: string; readonly since?: number }>(
  { label, families }: RoomTable<Room>,
  projects: readonly PublishedProject[],
  source: Source,
  shownOf: (project: PublishedProject) => Shown<Room>,
): TableFamily[] {
  return families.map((family, row) => {
    // As they are now: what is published while the values are gone through replaces them.
    const shown = projects
      .filter((project) => project.shows(source, family))
      .map((project) => ({ project: project.name, edition: shownOf(project) }));
    const samples = {
      *[Symbol.iterator]() {
        for (const { project, edition } of shown) yield* roomValues(family, project, edition.rooms, label);
      },
    };
    return { ...family, samples, sections: shown.flatMap(({ edition }) => edition.sections[row] ?? []) };
  });
}
