// What /metrics answers, kept in memory. Each poll renders and compresses what it changed; a scrape only puts
// finished sections together. Knows families and snapshots, nothing of where they come from.
import { projectFamilies, roomFamilies, type ProjectView } from '../core/families.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import { createShortSection, gzipAnswer, identityAnswer, type Section } from './section.ts';
import { type BeforeValues, RoomEditions, type RoomEdition } from './room-editions.ts';
import type { Scraper } from './scrapers.ts';
import { familyHeader, projectSamples } from './text-format.ts';

export type Encoding = 'gzip' | 'identity';

export interface Answer {
  readonly body: Buffer;
  /** To be called when a scraper has received the whole body. Resolves once the values due by that are published. */
  readonly receivedBy: (scraper: Scraper) => Promise<void>;
}

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
  #contents: Contents = { sections: [], editions: new Map() };
  readonly #answers = new Map<Encoding, MadeAnswer>();

  /** `now` is a monotonic time in milliseconds. */
  constructor(selfMetrics: SelfMetricsText, now: () => number) {
    this.#selfMetrics = selfMetrics;
    this.#now = now;
  }

  /** Opens a project: its counters are published at once, gauges come with the first `publish`. */
  async addProject(
    name: string,
    initial: ProjectSnapshot,
    beforeValues?: BeforeValues,
  ): Promise<ProjectExposition> {
    const rooms = new RoomEditions(name, this.#now, beforeValues);
    const project: PublishedProject = {
      view: { name, up: false, snapshot: initial },
      gaugesShown: false,
      rooms,
      edition: await rooms.publish(initial.rooms),
    };
    this.#projects.set(name, project);
    this.#assemble();
    return {
      publish: async (snapshot) => {
        project.edition = await rooms.publish(snapshot.rooms);
        project.view = { name, up: true, snapshot };
        project.gaugesShown = true;
        this.#assemble();
      },
      isSeen: (room) => rooms.isSeen(room),
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

  /**
   * The whole exposition. The exporter's own metrics in it are at most 100 ms old, or as old as it takes to make the
   * answer: who asks meanwhile waits for the same one.
   */
  metrics(encoding: Encoding): Promise<Answer> {
    const now = this.#now();
    const last = this.#answers.get(encoding);
    if (last && (last.isInWork || now - last.begunAt < answerLifetimeMilliseconds)) return last.answer;
    const made: MadeAnswer = { answer: this.#answer(encoding), begunAt: now, isInWork: true };
    const done = () => {
      made.isInWork = false;
    };
    made.answer.then(done, done);
    this.#answers.set(encoding, made);
    return made.answer;
  }

  async #answer(encoding: Encoding): Promise<Answer> {
    const own = createShortSection(await this.#selfMetrics.metrics());
    const { sections, editions } = this.#contents;
    const all = [...sections, own];
    return {
      body: encoding === 'gzip' ? gzipAnswer(all) : await identityAnswer(all),
      receivedBy: async (scraper) => {
        await Promise.all(
          Array.from(editions, ([project, edition]) => this.#received(project, edition, scraper)),
        );
      },
    };
  }

  async #received(project: PublishedProject, edition: number, scraper: Scraper): Promise<void> {
    const newer = await project.rooms.received(edition, scraper);
    if (!newer) return;
    project.edition = newer;
    this.#assemble();
  }

  /** Puts the sections in order: a family's samples of all projects have to follow its header. */
  #assemble(): void {
    const projects = [...this.#projects.values()];
    const sections = [createShortSection(renderProjectFamilies(projects))];
    for (const [index, family] of roomFamilies.entries()) {
      const shown = projects.filter(({ gaugesShown }) => gaugesShown || family.type === 'counter');
      const samples = shown.flatMap(({ edition }) => edition.sections[index] ?? []);
      if (samples.length > 0) sections.push(roomHeaders[index] as Section, ...samples);
    }
    const editions = new Map(projects.map((project) => [project, project.edition.number]));
    this.#contents = { sections, editions };
    this.#answers.clear();
  }
}

/** What a poller does to the exposition of its project. Calls must not overlap. */
export interface ProjectExposition {
  /** Swaps in a new snapshot, whole, once it is rendered. */
  publish(snapshot: ProjectSnapshot): Promise<void>;
  /** Whether all who scrape have received what the room was last published with. */
  isSeen(room: string): boolean;
  /** The last poll failed: `up` is 0, everything else stays. */
  showDown(): void;
  /** Takes the gauges out until the next `publish`; counters stay. */
  withdrawGauges(): void;
}

interface PublishedProject {
  view: ProjectView;
  gaugesShown: boolean;
  readonly rooms: RoomEditions;
  edition: RoomEdition;
}

interface MadeAnswer {
  readonly answer: Promise<Answer>;
  readonly begunAt: number;
  isInWork: boolean;
}

interface Contents {
  /** All of the exposition but the exporter's own metrics. */
  readonly sections: readonly Section[];
  /** The number of the edition of each project in it. */
  readonly editions: ReadonlyMap<PublishedProject, number>;
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
