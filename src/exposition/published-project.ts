// What is published of several projects, put together: a family's samples of all projects have to follow its header.
import { projectFamilies, roomTable } from '../core/families.ts';
import {
  projectValues,
  roomValues,
  viewValues,
  type FamilyValues,
  type ProjectView,
  type RoomTable,
} from '../core/family.ts';
import { groupTable } from '../core/group-families.ts';
import { planFamilies } from '../core/plan-families.ts';
import type { Plan } from '../core/plan.ts';
import type { Format } from '../lib/scrape.ts';
import { liveFamiliesOf, type LivePublication, liveSections } from './live-publication.ts';
import type { RoomEdition, RoomEditions } from './room-editions.ts';
import { createShortSection, type Section } from './section.ts';
import type { Source } from './self-reports.ts';
import { familyHeader, familyText } from './text-format.ts';

export const tables = { rooms: roomTable, groups: groupTable };

export type TableName = keyof typeof tables;

const tableNames = Object.keys(tables) as readonly TableName[];

const headers: Readonly<Record<Format, Readonly<Record<TableName, readonly Section[]>>>> = {
  text: { rooms: headersOf(roomTable, 'text'), groups: headersOf(groupTable, 'text') },
  openmetrics: {
    rooms: headersOf(roomTable, 'openmetrics'),
    groups: headersOf(groupTable, 'openmetrics'),
  },
};

function headersOf({ families }: RoomTable, format: Format): Section[] {
  return families.map((family) => createShortSection(familyHeader(family, format)));
}

/** The rooms, or groups, of a project: what they are shown with, and what makes the next edition. */
export interface PublishedTable {
  readonly editions: RoomEditions;
  edition: RoomEdition;
}

export interface PublishedProject {
  view: ProjectView;
  sources: readonly Source[];
  plan: Plan | undefined;
  readonly live: LivePublication;
  gaugesShown: boolean;
  readonly tables: Readonly<Record<TableName, PublishedTable>>;
}

/** The sections in order. */
export function publishedSections(projects: readonly PublishedProject[], format: Format): readonly Section[] {
  const values = [...projectFamilyValues(projects), ...planFamilyValues(projects)];
  const text = values.map((family) => familyText(family, format));
  const sections = [createShortSection(text.join(''))];
  for (const name of tableNames) {
    for (const [row, family] of tables[name].families.entries()) {
      const samples = shown(family, projects).flatMap(
        (project) => project.tables[name].edition.sections[row] ?? [],
      );
      if (samples.length > 0) sections.push(headers[format][name][row] as Section, ...samples);
    }
  }
  return [...sections, ...liveSections(livePublications(projects), format)];
}

/** The same as values. */
export function publishedValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return [
    ...projectFamilyValues(projects),
    ...planFamilyValues(projects),
    ...tableNames.flatMap((name) => tableValues(name, projects)),
    ...liveFamiliesOf(livePublications(projects)),
  ];
}

function livePublications(projects: readonly PublishedProject[]): LivePublication[] {
  return projects.flatMap(({ sources, live }) => (sources.includes('live') ? live : []));
}

function projectFamilyValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return projectFamilies.map((family) => ({
    ...family,
    samples: shown(family, projects).flatMap(({ view }) => projectValues(family, view)),
  }));
}

function planFamilyValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return planFamilies.map((family) => ({
    ...family,
    samples: projects.flatMap(({ plan, view }) => viewValues(family, { project: view.name, plan })),
  }));
}

function tableValues(name: TableName, projects: readonly PublishedProject[]): FamilyValues[] {
  const table = tables[name];
  return table.families.map((family) => {
    // As they are now: what is published while the values are gone through replaces them.
    const rooms = shown(family, projects).map(
      (project) => [project.view.name, project.tables[name].edition.rooms] as const,
    );
    const samples = {
      *[Symbol.iterator]() {
        for (const [project, edition] of rooms) yield* roomValues(family, project, edition, table.label);
      },
    };
    return { ...family, samples };
  });
}

/** The projects whose samples of a family are shown. */
function shown(
  family: { readonly type: FamilyValues['type']; readonly always?: true },
  projects: readonly PublishedProject[],
): readonly PublishedProject[] {
  const isWithdrawable = family.type === 'gauge' && !family.always;
  return projects.filter(
    ({ sources, gaugesShown }) => sources.includes('list') && (gaugesShown || !isWithdrawable),
  );
}
