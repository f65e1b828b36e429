// What is published of several projects, put together: a family's samples of all projects have to follow its header.
import { projectFamilies, roomFamilies } from '../core/families.ts';
import {
  projectValues,
  roomValues,
  viewValues,
  type FamilyValues,
  type ProjectView,
} from '../core/family.ts';
import { planFamilies } from '../core/plan-families.ts';
import type { Plan } from '../core/plan.ts';
import type { Format } from '../lib/scrape.ts';
import { liveFamiliesOf, type LivePublication, liveSections } from './live-publication.ts';
import type { RoomEdition, RoomEditions } from './room-editions.ts';
import { createShortSection, type Section } from './section.ts';
import type { Source } from './self-reports.ts';
import { familyHeader, familyText } from './text-format.ts';

const roomHeaders: Readonly<Record<Format, readonly Section[]>> = {
  text: roomFamilies.map((family) => createShortSection(familyHeader(family, 'text'))),
  openmetrics: roomFamilies.map((family) => createShortSection(familyHeader(family, 'openmetrics'))),
};

export interface PublishedProject {
  view: ProjectView;
  sources: readonly Source[];
  plan: Plan | undefined;
  readonly live: LivePublication;
  gaugesShown: boolean;
  readonly rooms: RoomEditions;
  edition: RoomEdition;
}

/** The sections in order. */
export function publishedSections(projects: readonly PublishedProject[], format: Format): readonly Section[] {
  const values = [...projectFamilyValues(projects), ...planFamilyValues(projects)];
  const text = values.map((family) => familyText(family, format));
  const sections = [createShortSection(text.join(''))];
  for (const [index, family] of roomFamilies.entries()) {
    const samples = shown(family, projects).flatMap(({ edition }) => edition.sections[index] ?? []);
    if (samples.length > 0) sections.push(roomHeaders[format][index] as Section, ...samples);
  }
  return [...sections, ...liveSections(livePublications(projects), format)];
}

/** The same as values. */
export function publishedValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return [
    ...projectFamilyValues(projects),
    ...planFamilyValues(projects),
    ...roomFamilyValues(projects),
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

function roomFamilyValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return roomFamilies.map((family) => {
    // As they are now: what is published while the values are gone through replaces them.
    const rooms = shown(family, projects).map(({ view, edition }) => [view.name, edition.rooms] as const);
    const samples = {
      *[Symbol.iterator]() {
        for (const [project, edition] of rooms) yield* roomValues(family, project, edition);
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
