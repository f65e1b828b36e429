// What /metrics answers, kept in memory. Each poll renders and compresses what it changed; a scrape only puts
// finished sections together. Knows families and snapshots, nothing of where they come from.
import pLimit from 'p-limit';
import type { FamilyValues } from '../core/family.ts';
import type { Plan } from '../core/plan.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import type { Answer, Format, Wanted } from '../lib/scrape.ts';
import { type LiveSnapshot, noLiveSnapshot } from '../core/live-ledger.ts';
import { LivePublication } from './live-publication.ts';
import {
  type PublishedProject,
  publishedSections,
  type PublishedTable,
  publishedValues,
  type TableName,
  tables,
} from './published-project.ts';
import type { Source } from './self-reports.ts';
import { RoomEditions, type RoomParts } from './room-editions.ts';
import { createShortSection, gzipAnswer, identityAnswer, type Section } from './section.ts';
import { SelfSections, type SelfValues } from './self-values.ts';
import { openMetricsEnd } from './text-format.ts';

/** The same as values instead of text. */
export interface ValuesAnswer {
  readonly families: Iterable<FamilyValues>;
  readonly receivedBy: Answer['receivedBy'];
}

/** How long an answer is given again before the exporter's own metrics are looked at again. */
const answerLifetimeMilliseconds = 100;

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
  readonly #mayPublish: () => boolean;
  #isWithdrawn = false;

  /**
   * `now` is a monotonic time in milliseconds; `failed` hears of what fails after an answer was received; `mayPublish`
   * tells whether projects are to be in the answer at hand.
   */
  constructor(
    self: SelfValues,
    now: () => number,
    failed = (error: unknown): void => {
      throw error;
    },
    mayPublish = () => true,
  ) {
    this.#self = self;
    this.#now = now;
    this.#failed = failed;
    this.#mayPublish = mayPublish;
  }

  /** Renders the counters of a project; with `add` they are published, gauges come with the first `publish`. */
  async openProject(
    name: string,
    initial: ProjectSnapshot,
    {
      beforeValues,
      sources = ['list'],
      plan,
      live: initialLive = noLiveSnapshot,
      ...renderer
    }: ProjectParts = {},
  ): Promise<ProjectExposition> {
    const tableOf = async (table: TableName): Promise<PublishedTable> => {
      const before = beforeValues && {
        beforeValues: (names: readonly string[]) => beforeValues(table, names),
      };
      const editions = new RoomEditions(name, tables[table], this.#now, { ...renderer, ...before });
      return { editions, edition: await editions.publish(initial[table]) };
    };
    const { rooms, groups } = { rooms: await tableOf('rooms'), groups: await tableOf('groups') };
    const live = new LivePublication(name, initialLive);
    const project: PublishedProject = {
      view: { name, up: false, snapshot: initial },
      sources,
      plan,
      live,
      gaugesShown: false,
      tables: { rooms, groups },
    };
    return {
      add: () => {
        this.#projects.set(name, project);
        this.#changed();
      },
      publish: async (snapshot) => {
        const [ofRooms, ofGroups] = [
          await rooms.editions.publish(snapshot.rooms),
          await groups.editions.publish(snapshot.groups),
        ];
        rooms.edition = ofRooms;
        groups.edition = ofGroups;
        project.view = { name, up: true, snapshot };
        project.gaugesShown = true;
        this.#changed();
      },
      isSeen: (room) => rooms.editions.isSeen(room),
      isGroupSeen: (group) => groups.editions.isSeen(group),
      showDown: () => {
        project.view = { ...project.view, up: false };
        this.#changed();
      },
      withdrawGauges: () => {
        project.gaugesShown = false;
        this.#changed();
      },
      configure: ({ sources, plan }) => {
        project.sources = sources;
        project.plan = plan;
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
    this.#noticeWithdrawal();
    const last = this.#answers.get(keyOf(wanted, wanted.encoding));
    if (last && this.#now() - last.madeAt < answerLifetimeMilliseconds) return last.answer;
    return this.#make(wanted);
  }

  async #make(wanted: Wanted): Promise<Answer> {
    const { format, encoding, project } = wanted;
    const madeAt = this.#now();
    const own = await this.#self.values();
    this.#noticeWithdrawal();
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
    this.#noticeWithdrawal();
    const projects = this.#wanted({});
    return { families: [...publishedValues(projects), ...own.flat()], receivedBy: this.#receipt(projects) };
  }

  /** What was made with projects must not be given without, nor the reverse. */
  #noticeWithdrawal(): void {
    if (this.#isWithdrawn !== this.#mayPublish()) return;
    this.#isWithdrawn = !this.#isWithdrawn;
    this.#changed();
  }

  #wanted({ project }: Pick<Wanted, 'project'>): readonly PublishedProject[] {
    if (this.#isWithdrawn) return [];
    const projects = [...this.#projects.values()];
    return project === undefined ? projects : projects.filter(({ view }) => view.name === project);
  }

  /** Tells the projects in an answer who has received it. */
  #receipt(projects: readonly PublishedProject[]): Answer['receivedBy'] {
    const received = projects
      .flatMap((project) => Object.values(project.tables))
      .map((table) => ({ table, number: table.edition.number }));
    return async (scraper) => {
      await Promise.all(
        received.map(async ({ table, number }) => {
          try {
            const newer = await table.editions.received(number, scraper);
            if (!newer) return;
            table.edition = newer;
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
    if (!sections)
      this.#sections.set(key, (sections = publishedSections(this.#wanted(wanted), wanted.format)));
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
  isGroupSeen(group: string): boolean;
  /** The last poll failed: `up` is 0, everything else stays. */
  showDown(): void;
  /** Takes the gauges out until the next `publish`; counters stay. */
  withdrawGauges(): void;
  /** It has this plan and is read from these sources from now on. */
  configure(settings: { readonly sources: readonly Source[]; readonly plan: Plan | undefined }): void;
  /** The same as `publish` of what the live source says; `up`: whether the live poll was complete. */
  publishLive(snapshot: LiveSnapshot, up: boolean): Promise<void>;
  withdrawLiveGauges(): void;
  /** The project is no longer part of the exposition. */
  remove(): void;
}

/** Of a project that is opened, what not every project has. */
export interface ProjectParts extends Pick<RoomParts, 'renderer'> {
  /** Told of rooms or groups that every scraper has seen begin, before their values are shown for the first time. */
  readonly beforeValues?: (table: TableName, names: readonly string[]) => Promise<void>;
  /** What it is read from; the session list when left out. */
  readonly sources?: readonly Source[];
  readonly plan?: Plan | undefined;
  /** Of its live source, with the counters that were kept. */
  readonly live?: LiveSnapshot;
}
