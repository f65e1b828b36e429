// The exporter's own metrics as sections. They change between polls, so they are rendered when they are asked for, and
// again only when they have changed.
import type { FamilyValues, SampleValue } from '../core/family.ts';
import { createShortSection, type Section } from './section.ts';
import type { Format } from '../lib/scrape.ts';
import { familyText } from './text-format.ts';

/** Where the exporter's own metrics come from. */
export interface SelfValues {
  /** Groups of families; a group is the same object again as long as nothing in it has changed. */
  values(): Promise<readonly (readonly FamilyValues[])[]>;
}

export class SelfSections {
  /** Forgotten together with the group. */
  readonly #rendered = new WeakMap<readonly FamilyValues[], Map<string, Section>>();

  /** The families of a group; of one project, with those that are about no project, or of all when it is undefined. */
  of(families: readonly FamilyValues[], format: Format, project: string | undefined): Section {
    let sections = this.#rendered.get(families);
    if (!sections) this.#rendered.set(families, (sections = new Map<string, Section>()));
    const key = JSON.stringify([format, project]);
    let section = sections.get(key);
    if (!section) {
      const text = families.map((family) => familyText(filtered(family, project), format)).join('');
      sections.set(key, (section = createShortSection(text)));
    }
    return section;
  }
}

function filtered(family: FamilyValues, project: string | undefined): FamilyValues {
  if (project === undefined) return family;
  const isWanted = ({ labels }: SampleValue) => (labels['project'] ?? project) === project;
  return { ...family, samples: [...family.samples].filter(isWanted) };
}
