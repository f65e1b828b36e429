// What is published of several projects, put together: a family's samples of all projects follow its header.
import { liveFamilies, projectFamilies } from '../core/families.ts';
import { roomValues, viewValues, type FamilyValues, type RoomTable } from '../core/family.ts';
import type { LiveRoomSnapshot } from '../core/live-rooms.ts';
import { monthUse } from '../core/plan.ts';
import { monthFamilies, planFamilies } from '../core/plan-families.ts';
import { groupTable, liveRoomTable, roomTable } from '../core/room-families.ts';
import type { RoomSnapshot } from '../core/snapshot.ts';
import type { Format } from '../lib/scrape.ts';
import type { PublishedProject, Shown, TableName } from './published-project.ts';
import { createShortSection, type Section } from './section.ts';
import { familyHeader, familyText } from './text-format.ts';

/** The sections of these projects in order. */
export function publishedSections(projects: readonly PublishedProject[], format: Format): readonly Section[] {
  const text = projectFamilyValues(projects).map((family) => familyText(family, format));
  return [
    createShortSection(text.join('')),
    ...tableSections(roomTable, listed(projects, 'rooms'), format),
    ...tableSections(groupTable, listed(projects, 'groups'), format),
    ...tableSections(liveRoomTable, lives(projects), format),
  ];
}

/** The same as values. */
export function publishedValues(projects: readonly PublishedProject[]): FamilyValues[] {
  return [
    ...projectFamilyValues(projects),
    ...tableValues(roomTable, listed(projects, 'rooms')),
    ...tableValues(groupTable, listed(projects, 'groups')),
    ...tableValues(liveRoomTable, lives(projects)),
  ];
}

/** A table of one project. */
interface ProjectTable<Room> {
  readonly project: string;
  readonly gaugesShown: boolean;
  readonly edition: Shown<Room>;
}

function listed(projects: readonly PublishedProject[], table: TableName): ProjectTable<RoomSnapshot>[] {
  return projects.filter(hasList).map(({ name, list, tables }) => ({
    project: name,
    gaugesShown: list.gaugesShown,
    edition: tables[table].edition,
  }));
}

function lives(projects: readonly PublishedProject[]): ProjectTable<LiveRoomSnapshot>[] {
  return projects.filter(hasLive).map(({ name, live }) => ({ project: name, ...live }));
}

function hasList({ sources }: PublishedProject): boolean {
  return sources.includes('list');
}

function hasLive({ sources }: PublishedProject): boolean {
  return sources.includes('live');
}

/** All families but those of rooms and groups. */
function projectFamilyValues(projects: readonly PublishedProject[]): FamilyValues[] {
  const lists = projects.filter(hasList).map(({ list }) => list);
  const lives = projects.filter(hasLive).map(({ live }) => live);
  const months = projects.map(monthView);
  return [
    ...projectFamilies.map((family) => ({
      ...family,
      samples: shown(family, lists).flatMap(({ view }) => viewValues(family, view)),
    })),
    ...planFamilies.map((family) => ({
      ...family,
      samples: projects.flatMap(({ name, plan }) => viewValues(family, { project: name, plan })),
    })),
    ...monthFamilies.map((family) => ({
      ...family,
      samples: months.flatMap((month) => viewValues(family, month)),
    })),
    ...liveFamilies.map((family) => ({
      ...family,
      samples: shown(family, lives).flatMap(({ view }) => viewValues(family, view)),
    })),
  ];
}

function monthView(project: PublishedProject) {
  const { name, plan, list, live } = project;
  const use = monthUse({
    plan,
    list: hasList(project) && list.gaugesShown ? list.view.snapshot.month : undefined,
    live: hasLive(project) && live.gaugesShown ? live.view.snapshot.egresses?.month : undefined,
    hasList: hasList(project),
  });
  return { project: name, ...use };
}

/** Those whose samples of a family are shown. */
function shown<Of extends { readonly gaugesShown: boolean }>(
  { type, always }: { readonly type: FamilyValues['type']; readonly always?: true },
  all: readonly Of[],
): readonly Of[] {
  const isWithdrawable = type === 'gauge' && !always;
  return all.filter(({ gaugesShown }) => gaugesShown || !isWithdrawable);
}

function tableSections<Room>(
  { families }: RoomTable<Room>,
  projects: readonly ProjectTable<Room>[],
  format: Format,
): Section[] {
  return families.flatMap((family, row) => {
    const samples = shown(family, projects).flatMap(({ edition }) => edition.sections[row] ?? []);
    return samples.length === 0 ? [] : [createShortSection(familyHeader(family, format)), ...samples];
  });
}

function tableValues<Room extends { readonly name: string; readonly since?: number }>(
  { label, families }: RoomTable<Room>,
  projects: readonly ProjectTable<Room>[],
): FamilyValues[] {
  return families.map((family) => {
    // As they are now: what is published while the values are gone through replaces them.
    const samples = {
      *[Symbol.iterator]() {
        for (const { project, edition } of shown(family, projects))
          yield* roomValues(family, project, edition.rooms, label);
      },
    };
    return { ...family, samples };
  });
}
