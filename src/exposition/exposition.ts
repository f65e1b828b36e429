// What /metrics answers, kept in memory. Each poll renders and compresses what it changed; a scrape only puts
// finished sections together. Knows families and snapshots, nothing of where they come from.
import pLimit from 'p-limit';
import type { FamilyValues } from '../core/family.ts';
import type { ProjectSnapshot } from '../core/snapshot.ts';
import type { Answer, Format, Wanted } from '../lib/scrape.ts';
import { publishedSections, publishedValues } from './published-families.ts';
import { type ProjectParts, PublishedProject } from './published-project.ts';
import { Scrapers } from './scrapers.ts';
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
  /** Who scrapes: a project that is added shows its rooms to them first. */
  readonly #scrapers: Scrapers;
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
    this.#scrapers = new Scrapers(now());
  }

  /** Makes a project ready; with `add` it is published. */
  openProject(name: string, initial: ProjectSnapshot, parts: ProjectParts = {}): Promise<PublishedProject> {
    const shared = {
      projects: this.#projects,
      changed: () => this.#changed(),
      now: this.#now,
      scrapers: this.#scrapers,
    };
    return PublishedProject.open(name, initial, parts, shared);
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
    return project === undefined ? projects : projects.filter(({ name }) => name === project);
  }

  /** Tells the projects in an answer who has received it. */
  #receipt(projects: readonly PublishedProject[]): Answer['receivedBy'] {
    const receipts = projects.map((project) => project.receipt());
    return async (scraper) => {
      this.#scrapers.received(scraper, 0, this.#now());
      const published = receipts.map((receipt) => receipt(scraper).catch(this.#failed));
      await Promise.all(published);
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
