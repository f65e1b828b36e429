// What /metrics answers, kept in memory. Each poll renders and compresses what it changed; a scrape only puts
// finished sections together. Knows families and snapshots, nothing of where they come from.
import { projectFamilies, roomFamilies, type ProjectView } from '../core/families.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { createShortSection, gzipAnswer, identityAnswer, type Section } from './section.ts';
import { RoomRenderer } from './room-rendering.ts';
import { familyHeader, projectSamples } from './text-format.ts';

export type Encoding = 'gzip' | 'identity';

/** Renders the exporter's own metrics, which live outside the snapshots. */
export interface SelfMetricsText {
  metrics(): Promise<string>;
}

/** How long an answer is given again before the exporter's own metrics are rendered anew. */
const answerLifetimeMilliseconds = 100;

const roomHeaders = roomFamilies.map((family) => createShortSection(familyHeader(family)));

export class Exposition {
  readonly #selfMetrics: SelfMetricsText;
  readonly #now: () => number;
  readonly #projects = new Map<string, PublishedProject>();
  /** All of it but the exporter's own metrics. */
  #sections: readonly Section[] = [];
  readonly #answers = new Map<Encoding, { answer: Promise<Buffer>; madeAt: number }>();

  /** `now` is a monotonic time in milliseconds. */
  constructor(selfMetrics: SelfMetricsText, now: () => number) {
    this.#selfMetrics = selfMetrics;
    this.#now = now;
  }

  /** Opens a project: its counters are published at once, gauges come with the first `publish`. */
  async addProject(name: string, initial: ProjectSnapshot): Promise<ProjectExposition> {
    const project: PublishedProject = {
      view: { name, up: false, snapshot: initial },
      gaugesShown: false,
      roomSections: [],
    };
    const rooms = new RoomRenderer(name);
    project.roomSections = await rooms.render(initial.rooms);
    this.#projects.set(name, project);
    this.#assemble();
    return {
      publish: async (snapshot) => {
        const roomSections = await rooms.render(snapshot.rooms);
        project.roomSections = roomSections;
        project.view = { name, up: true, snapshot };
        project.gaugesShown = true;
        this.#assemble();
      },
      showDown: () => {
        project.view = { ...project.view, up: false };
        this.#assemble();
      },
      withdrawGauges: () => {
        project.gaugesShown = false;
        this.#assemble();
      },
    };
  }

  /** The whole exposition. The exporter's own metrics in it are at most 100 ms old. */
  metrics(encoding: Encoding): Promise<Buffer> {
    const now = this.#now();
    const last = this.#answers.get(encoding);
    if (last && now - last.madeAt < answerLifetimeMilliseconds) return last.answer;
    const answer = this.#answer(encoding);
    this.#answers.set(encoding, { answer, madeAt: now });
    return answer;
  }

  async #answer(encoding: Encoding): Promise<Buffer> {
    const own = createShortSection(await this.#selfMetrics.metrics());
    const sections = [...this.#sections, own];
    return encoding === 'gzip' ? gzipAnswer(sections) : identityAnswer(sections);
  }

  /** Puts the sections in order: a family's samples of all projects have to follow its header. */
  #assemble(): void {
    const projects = [...this.#projects.values()];
    const sections = [createShortSection(renderProjectFamilies(projects))];
    for (const [index, family] of roomFamilies.entries()) {
      const shown = projects.filter(({ gaugesShown }) => gaugesShown || family.type === 'counter');
      const samples = shown.flatMap(({ roomSections }) => roomSections[index] ?? []);
      if (samples.length > 0) sections.push(roomHeaders[index] as Section, ...samples);
    }
    this.#sections = sections;
    this.#answers.clear();
  }
}

/** What a poller does to the exposition of its project. Calls must not overlap. */
export interface ProjectExposition {
  /** Swaps in a new snapshot, whole, once it is rendered. */
  publish(snapshot: ProjectSnapshot): Promise<void>;
  /** The last poll failed: `up` is 0, everything else stays. */
  showDown(): void;
  /** Takes the gauges out until the next `publish`; counters stay. */
  withdrawGauges(): void;
}

interface PublishedProject {
  view: ProjectView;
  gaugesShown: boolean;
  /** The sections of each family, in the order of the table. */
  roomSections: readonly (readonly Section[])[];
}

function renderProjectFamilies(projects: readonly PublishedProject[]): string {
  let text = '';
  for (const family of projectFamilies) {
    const isGauge = family.type === 'gauge' && !family.always;
    const shown = projects.filter(({ gaugesShown }) => gaugesShown || !isGauge);
    if (shown.length > 0) text += familyHeader(family);
    for (const { view } of shown) text += projectSamples(family, view);
  }
  return text;
}
