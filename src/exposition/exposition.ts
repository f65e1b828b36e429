// What /metrics answers, kept in memory. Each poll renders and compresses what it changed; a scrape only puts
// finished sections together. Knows families and snapshots, nothing of where they come from.
import pLimit from 'p-limit';
import { projectFamilies, roomFamilies } from '../core/families.ts';
import { projectValues, roomValues, type FamilyValues, type ProjectView } from '../core/family.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import type { Answer, Format, Wanted } from '../lib/scrape.ts';
import { type LiveSnapshot, noLiveSnapshot } from '../core/live-ledger.ts';
import { liveFamiliesOf, LivePublication, liveSections } from './live-publication.ts';
import type { Source } from './self-reports.ts';
import { type BeforeValues, RoomEditions, type RoomEdition } from './room-editions.ts';
import { createShortSection, gzipAnswer, identityAnswer, type Section } from './section.ts';
import { SelfSections, type SelfValues } from './self-values.ts';
import { familyHeader, familyText, openMetricsEnd } from './text-format.ts';

/** The same as values instead of text. */
export interface ValuesAnswer {
  readonly families: Iterable<FamilyValues>;
  readonly receivedBy: Answer['receivedBy'];
}

/** How long an answer is given again before the exporter's own metrics are looked at again. */
const answerLifetimeMilliseconds = 100;

const roomHeaders: Readonly<Record<Format, readonly Section[]>> = {
  text: roomFamilies.map((family) => createShortSection(familyHeader(family, 'text'))),
  openmetrics: roomFamilies.map((family) => createShortSection(familyHeader(family, 'openmetrics'))),
};

const ends: Readonly<Record<Format, readonly Section[]>> = {
  text: [],
  openmetrics: [createShortSection(openMetricsEnd)],
};

export class Exposition {
  readonly #self: SelfValues;
  readonly #selfSections = new SelfSections();
  readonly #now: () => number;
  readonly #projects = new Map<string, PublishedProject>();
  /** The sections of what was asked for since the last change, without the exporter's own metrics. */
  readonly #sections = new Map<string, readonly Section[]>();
  /** The last answers within `answerLifetimeMilliseconds`, and the last body of each kind with what it consists of. */
  readonly #answers = new Map<string, { readonly answer: Answer; readonly madeAt: number }>();
  readonly #bodies = new Map<
    string,
    { readonly sections: readonly Section[]; readonly body: Promise<Buffer> }
  >();
  /** Uncompressed answers are large: however many ask, one is made at a time. */
  readonly #inflateInTurn = pLimit(1);
  readonly #failed: (error: unknown) => void;

  /** `now` is a monotonic time in milliseconds; `failed` hears of what fails after an answer was received. */
  constructor(
    self: SelfValues,
    now: () => number,
    failed = (error: unknown): void => {
      throw error;
    },
  ) {
    this.#self = self;
    this.#now = now;
    this.#failed = failed;
  }

  /** Renders the counters of a project; with `add` they are published, gauges come with the first `publish`. */
  async openProject(
    name: string,
    initial: ProjectSnapshot,
    { beforeValues, sources = ['list'], live: initialLive = noLiveSnapshot }: ProjectParts = {},
  ): Promise<ProjectExposition> {
    const rooms = new RoomEditions(name, this.#now, beforeValues);
    const live = new LivePublication(name, initialLive);
    const project: PublishedProject = {
      view: { name, up: false, snapshot: initial },
      sources,
      live,
      gaugesShown: false,
      rooms,
      edition: await rooms.publish(initial.rooms),
    };
    return {
      add: () => {
        this.#projects.set(name, project);
        this.#changed();
      },
      publish: async (snapshot) => {
        project.edition = await rooms.publish(snapshot.rooms);
        project.view = { name, up: true, snapshot };
        project.gaugesShown = true;
        this.#changed();
      },
      isSeen: (room) => rooms.isSeen(room),
      showDown: () => {
        project.view = { ...project.view, up: false };
        this.#changed();
      },
      withdrawGauges: () => {
        project.gaugesShown = false;
        this.#changed();
      },
      useSources: (others) => {
        project.sources = others;
        this.#changed();
      },
      publishLive: async (snapshot, up) => {
        await live.publish(snapshot, up);
        this.#changed();
      },
      withdrawLiveGauges: () => {
        live.withdrawGauges();
        this.#changed();
      },
      remove: () => {
        if (this.#projects.get(name) === project) this.#projects.delete(name);
        this.#changed();
      },
    };
  }

  has(project: string): boolean {
    return this.#projects.has(project);
  }

  /**
   * The exposition as it is wanted; empty of projects that are not there. While nothing changes, the body is the same.
   * The exporter's own metrics in it are at most 100 ms old.
   */
  metrics(wanted: Wanted): Answer | Promise<Answer> {
    const last = this.#answers.get(keyOf(wanted, wanted.encoding));
    if (last && this.#now() - last.madeAt < answerLifetimeMilliseconds) return last.answer;
    return this.#make(wanted);
  }

  async #make(wanted: Wanted): Promise<Answer> {
    const { format, encoding, project } = wanted;
    const madeAt = this.#now();
    const own = await this.#self.values();
    const sections = [
      ...this.#sectionsOf(wanted),
      ...own.map((families) => this.#selfSections.of(families, format, project)),
      ...ends[format],
    ];
    const receivedBy = this.#receipt(this.#wanted(wanted));
    const key = keyOf(wanted, encoding);
    let last = this.#bodies.get(key);
    if (!last || !isSame(sections, last.sections)) {
      const made = encoding === 'gzip' ? gzipAnswer(sections) : this.#inflateInTurn(identityAnswer, sections);
      last = { sections, body: Promise.resolve(made) };
      this.#bodies.set(key, last);
    }
    try {
      const answer = { body: await last.body, receivedBy };
      // Unless something has changed meanwhile.
      if (this.#bodies.get(key) === last) this.#answers.set(key, { answer, madeAt });
      return answer;
    } catch (error) {
      this.#bodies.delete(key);
      throw error;
    }
  }

  /** All of the exposition as values. They stay as they are while they are read, whatever is published meanwhile. */
  async values(): Promise<ValuesAnswer> {
    const own = await this.#self.values();
    const projects = [...this.#projects.values()];
    const live = liveFamiliesOf(livePublications(projects));
    const families = [
      ...projectFamilyValues(projects),
      ...roomFamilyValues(projects),
      ...live,
      ...own.flat(),
    ];
    return { families, receivedBy: this.#receipt(projects) };
  }

  #wanted({ project }: Wanted): readonly PublishedProject[] {
    const projects = [...this.#projects.values()];
    return project === undefined ? projects : projects.filter(({ view }) => view.name === project);
  }

  /** Tells the projects in an answer who has received it. */
  #receipt(projects: readonly PublishedProject[]): Answer['receivedBy'] {
    const editions = projects.map((project) => ({ project, number: project.edition.number }));
    return async (scraper) => {
      await Promise.all(
        editions.map(async ({ project, number }) => {
          try {
            const newer = await project.rooms.received(number, scraper);
            if (!newer) return;
            project.edition = newer;
            this.#changed();
          } catch (error) {
            this.#failed(error);
          }
        }),
      );
    };
  }

  #sectionsOf(wanted: Wanted): readonly Section[] {
    const key = keyOf(wanted);
    let sections = this.#sections.get(key);
    if (!sections) this.#sections.set(key, (sections = assembled(this.#wanted(wanted), wanted.format)));
    return sections;
  }

  #changed(): void {
    this.#sections.clear();
    this.#bodies.clear();
    this.#answers.clear();
  }
}

function keyOf({ format, project }: Wanted, encoding = ''): string {
  const kind = `${format} ${encoding}`;
  return project === undefined ? kind : `${kind} ${project}`;
}

function isSame(sections: readonly Section[], others: readonly Section[]): boolean {
  return sections.length === others.length && sections.every((section, index) => section === others[index]);
}

/** What a poller does to the exposition of its project. Calls must not overlap. */
export interface ProjectExposition {
  /** The project is part of the exposition from now on. */
  add(): void;
  /** Swaps in a new snapshot, whole, once it is rendered. */
  publish(snapshot: ProjectSnapshot): Promise<void>;
  /** Whether all who scrape have received what the room was last published with. */
  isSeen(room: string): boolean;
  /** The last poll failed: `up` is 0, everything else stays. */
  showDown(): void;
  /** Takes the gauges out until the next `publish`; counters stay. */
  withdrawGauges(): void;
  /** It is read from these from now on. */
  useSources(sources: readonly Source[]): void;
  /** The same as `publish` of what the live source says; `up`: whether the live poll was complete. */
  publishLive(snapshot: LiveSnapshot, up: boolean): Promise<void>;
  withdrawLiveGauges(): void;
  /** The project is no longer part of the exposition. */
  remove(): void;
}

/** Of a project that is opened, what not every project has. */
export interface ProjectParts {
  readonly beforeValues?: BeforeValues;
  /** What it is read from; the session list when left out. */
  readonly sources?: readonly Source[];
  /** Of its live source, with the counters that were kept. */
  readonly live?: LiveSnapshot;
}

interface PublishedProject {
  view: ProjectView;
  sources: readonly Source[];
  readonly live: LivePublication;
  gaugesShown: boolean;
  readonly rooms: RoomEditions;
  edition: RoomEdition;
}

/** The sections in order: a family's samples of all projects have to follow its header. */
function assembled(projects: readonly PublishedProject[], format: Format): readonly Section[] {
  const text = projectFamilyValues(projects).map((family) => familyText(family, format));
  const sections = [createShortSection(text.join(''))];
  for (const [index, family] of roomFamilies.entries()) {
    const samples = shown(family, projects).flatMap(({ edition }) => edition.sections[index] ?? []);
    if (samples.length > 0) sections.push(roomHeaders[format][index] as Section, ...samples);
  }
  return [...sections, ...liveSections(livePublications(projects), format)];
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
